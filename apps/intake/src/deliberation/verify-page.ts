/** The page behind a sign-in link, in both languages. Its one script takes the token out of the address and sends it when the person says so. */
import { createHash } from 'node:crypto';

const SCRIPT = `
const token = new URLSearchParams(location.search).get('token') ?? '';
history.replaceState(null, '', location.pathname);
const say = (text) => { document.querySelector('output').textContent = text; };
document.querySelector('button').addEventListener('click', async () => {
  const answer = await fetch(location.pathname, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  say(answer.ok ? 'You are signed in. · وارد شدید.' : 'This link is used or over; ask for a new one. · این پیوند دیگر کار نمی‌کند؛ پیوند تازه‌ای بخواهید.');
  if (answer.ok) document.querySelector('button').remove();
});
`;

export const VERIFY_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in · ورود</title></head>
<body><main><h1>Sign in · <span lang="fa" dir="rtl">ورود</span></h1><p><button type="button">Sign in · ورود</button></p><p><output dir="auto"></output></p></main><script>${SCRIPT}</script></body></html>
`;

/** Only that script, and only back to where the page came from. */
export const VERIFY_PAGE_POLICY = `default-src 'none'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
