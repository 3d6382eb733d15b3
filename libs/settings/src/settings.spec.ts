import { describe, expect, it } from '@jest/globals';
import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { InvalidSettings, listSettings, readSettings, Setting } from './settings.js';

class BellSettings {
  @Setting('BELL_COUNT', 'How many bells hang in the tower.') @IsInt() @Min(1) count = 4;
  @Setting('BELL_NIGHT', 'Whether they ring at night.') night = false;
  @Setting('BELL_NAMES', 'What they are called.') names: string[] = [];
  @Setting('BELL_KEY', 'The key of the tower.', { secret: true }) @IsOptional() @IsString() key?: string;
}

describe('settings', () => {
  it('keep their defaults when the environment is silent or blank', () => {
    expect(readSettings(BellSettings, { BELL_COUNT: '  ' })).toEqual({ count: 4, night: false, names: [] });
  });

  it('take the type of their default', () => {
    expect(readSettings(BellSettings, { BELL_COUNT: '7', BELL_NIGHT: 'yes', BELL_NAMES: 'Anna, Maria', BELL_KEY: '42' })).toEqual({ count: 7, night: true, names: ['Anna', 'Maria'], key: '42' });
  });

  it('name every wrong variable with its value and its rule', () => {
    const read = () => readSettings(BellSettings, { BELL_COUNT: '0', BELL_NIGHT: 'perhaps' });
    expect(read).toThrow(InvalidSettings);
    expect(read).toThrow(/BELL_NIGHT=perhaps: write true or false[\s\S]*BELL_COUNT=0: .*less than 1/);
  });

  it('are listed without their secrets', () => {
    expect(listSettings([BellSettings], { BELL_KEY: 'hunter2' }).at(-1)).toMatchObject({ env: 'BELL_KEY', value: '(secret)', default: '' });
  });
});
