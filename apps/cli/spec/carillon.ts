/** A command as its user meets it, without a process of its own: what it prints, and with which code it would exit. */
import { jest } from '@jest/globals';
import type { Command } from 'commander';
import { programOf } from '../src/program.js';

export interface Answer {
  stdout: string;
  /** What the last line of main.ts would say, and undefined when all went well. */
  error: string | undefined;
  code: number;
}

/** Runs one command with the arguments that would follow its name. The environment is the spec's own. */
export async function carillon(command: () => Command, ...args: string[]): Promise<Answer> {
  let stdout = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((stdout += String(chunk)), true));
  const codeBefore = process.exitCode;
  process.exitCode = 0;
  try {
    await programOf([command()]).parseAsync([command().name(), ...args], { from: 'user' });
    return { stdout, error: undefined, code: Number(process.exitCode) };
  } catch (error) {
    return { stdout, error: (error as Error).message, code: 1 };
  } finally {
    process.exitCode = codeBefore;
    write.mockRestore();
  }
}
