import { describe, expect, it } from '@jest/globals';
import { render } from '@carillon/texts';
import { houseTexts } from './house.js';

describe('a text of the house', () => {
  it.each([
    ['text', { text: 'Is 1 < 2 & 3?' }, 'Is 1 &lt; 2 &amp; 3?'],
    ['run_failed', { pipeline: 'news', run_id: 'r1', failures: 3, error: 'x < y' }, '🔴 <b>news</b> failed 3 times in a row\n<pre>x &lt; y</pre>\nRun <code>r1</code>'],
    ['run_failed', { pipeline: 'news', run_id: 'r1' }, '🔴 <b>news</b> failed\nRun <code>r1</code>'],
    ['run_partial', { pipeline: 'news', run_id: 'r1' }, '🟠 <b>news</b> finished with errors\nRun <code>r1</code>'],
    ['run_recovered', { pipeline: 'news', run_id: 'r2' }, '🟢 <b>news</b> works again\nRun <code>r2</code>'],
    ['run_missed', { pipeline: 'news' }, '🟡 <b>news</b> missed an occurrence'],
  ])('%s %j', (messageType, content, text) => {
    expect(render(houseTexts, messageType, content).text).toBe(text);
  });

  it('says which value its content lacks', () => {
    expect(() => render(houseTexts, 'text', {})).toThrow('content.text must be text, and is missing');
  });
});
