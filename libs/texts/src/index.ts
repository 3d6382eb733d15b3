/** What notices are written with: catalogues of pure functions, readers of their content, and HTML that content can not break out of. */
export { mergeCatalogues, render } from './catalogue.js';
export type { Catalogue, KeptPicture, NoticeButton, NoticeContent, RenderedNotice } from './catalogue.js';
export { inUtc, numberOf, optionalTextOf, textOf, textsOf, timeOf } from './content.js';
export { BadContent, DuplicateText, UnknownMessageType } from './errors.js';
export { escapeHtml, Html, html } from './html.js';
