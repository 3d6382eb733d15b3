/** The message that tells of a notice, made of its row where that is: `promiseNotice` makes the same of one. */
export const NOTICE_SUBJECT = `'notify.' || channel`;

/** A secret in the content need not travel over the bus as well, and rest in its store. */
export const NOTICE_PAYLOAD = `jsonb_build_object('notice_id', id, 'user_id', recipient, 'message_type', message_type, 'content', CASE WHEN content->'secret' = 'true' THEN '{"secret": true}' ELSE content END)`;
