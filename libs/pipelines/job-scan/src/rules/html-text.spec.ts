import { describe, expect, it } from '@jest/globals';
import { escapedHtmlToText, htmlToText } from './html-text.js';

describe('text of HTML', () => {
  it.each([
    ['<p>One</p><p>Two<br>Three</p>', 'One\n\nTwo\nThree'],
    ['<ul><li>Python</li><li><p>Go</p></li></ul>', '• Python\n• Go'],
    ['R&amp;D&nbsp;&gt; 5 &euro;', 'R&D > 5 €'],
    ['<script>alert(1)</script><style>p{}</style>Hello', 'Hello'],
    ['a < b and b > c', 'a < b and b > c'],
    ['<b>bold</b><i>er</i>', 'bolder'],
    ['plain', 'plain'],
    ['one  two \t three\u00a0four\tfive\r\n six', 'one two three four five\nsix'],
    ['', ''],
  ])('%j', (html, text) => expect(htmlToText(html)).toBe(text));

  it('that was escaped once more is the same, and its entities are not left as they are (defect 15)', () => {
    expect(escapedHtmlToText('&lt;p&gt;R&amp;amp;D&amp;nbsp;team&lt;/p&gt;&lt;ul&gt;&lt;li&gt;5 &amp;gt; 3&lt;/li&gt;&lt;/ul&gt;')).toBe('R&D team\n\n• 5 > 3');
  });
});
