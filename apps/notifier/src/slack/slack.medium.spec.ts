import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, setAddress } from '@carillon/persistence';
import { SlackSettings } from '@carillon/runtime';
import { testDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { fakeBotApi, gateway, hangs, plainly } from '../../spec/fake-bot-api.js';
import type { Answer, FakeBotApi } from '../../spec/fake-bot-api.js';
import { notifierUnderTest } from '../../spec/notifier-under-test.js';
import type { NotifierUnderTest } from '../../spec/notifier-under-test.js';
import { AddressForms } from '../address-forms.js';
import { mrkdwnOf } from './mrkdwn.js';
import { SlackChannel } from './slack-channel.js';

describe('a notice to Slack', () => {
  let dataSource: DataSource;
  let hooks: FakeBotApi;
  let notifier: NotifierUnderTest;
  beforeAll(async () => {
    [dataSource, hooks] = await Promise.all([testDatabase().then(({ url }) => createDataSource({ url, service: 'notifier' })), fakeBotApi()]);
  });
  beforeEach(async () => {
    hooks.reset();
    hooks.script(...Array.from({ length: 9 }, () => plainly(200, 'ok')));
    const slack = new SlackChannel(Object.assign(new SlackSettings(), { slackWebhookRoot: `${hooks.root}/`, slackWebhookUrl: `${hooks.root}/services/house`, slackHttpTimeoutMs: 300, slackIntervalMs: 200 }));
    notifier = notifierUnderTest(dataSource, undefined, { slack });
    await notifier.reset();
  });
  afterAll(async () => {
    await hooks.close();
    await dataSource.destroy();
  });

  it('is posted once to the webhook of its recipient, or that of the house, with nobody mentioned by accident', async () => {
    await setAddress(dataSource, 'channel:operations', 'slack', `${hooks.root}/services/ops`);
    expect(await notifier.delivered({ channel: 'slack', recipient: 'channel:operations', content: { text: 'Is 1 < 2? <!channel>' } })).toMatchObject({ status: 'sent' });
    await notifier.delivered({ channel: 'slack', recipient: 'channel:town', messageType: 'linked', content: { text: 'Vote' } });
    expect(hooks.paths).toEqual(['/services/ops', '/services/house']);
    expect(hooks.messages.map(({ text }) => text)).toEqual(['Is 1 &lt; 2? &lt;!channel&gt;', 'Vote\n<https://example.org/more|More>']);
  });

  it.each([['of one recipient', ['channel:town', 'channel:town']], ['of several who share it', ['channel:town', 'channel:village']]])('waits for its turn at the webhook %s', async (_whose, recipients) => {
    for (const [n, text] of ['a', 'b'].entries()) await notifier.queue({ channel: 'slack', recipient: recipients[n] ?? '', content: { text } });
    await notifier.round('slack');
    await notifier.round('slack');
    expect(hooks.messages.map(({ text }) => text)).toEqual(['a']);
  });

  it.each<[string, Answer, object]>([
    ['comes again when Slack asks for time', plainly(429, 'rate_limited', { 'retry-after': '30' }), { status: 'failed', attempts: 0, error: expect.stringContaining('429') }],
    ['comes again when Slack is broken', plainly(500, 'rollup_error'), { status: 'failed', attempts: 1 }],
    ['is given up when Slack does not understand it', plainly(400, 'invalid_payload'), { status: 'dead', error: expect.stringContaining('invalid_payload') }],
    ['is undeliverable when the webhook is gone', plainly(404, 'no_service'), { status: 'undeliverable' }],
    ['is undeliverable when the channel is archived', plainly(410, 'channel_is_archived'), { status: 'undeliverable' }],
    ['is uncertain when Slack never answers', hangs, { status: 'uncertain', error: expect.stringContaining('did not answer in time') }],
    ['is uncertain when a gateway waited in vain', gateway(504), { status: 'uncertain' }],
  ])('%s', async (_name, answer, outcome) => {
    hooks.script(answer);
    const row = await notifier.delivered({ channel: 'slack', recipient: 'channel:town' });
    expect(row).toMatchObject(outcome);
    expect(`${row.error}${notifier.logged()}`).not.toContain('services/house');
  });
});

it('markup becomes that of Slack', () => {
  expect(mrkdwnOf('<b>a</b> <i>b</i> <s>c</s> <code>d</code> <a href="https://example.org/?a=1&amp;b=2|3">here &lt;</a> <a href="javascript:x">there</a>')).toBe('*a* _b_ ~c~ `d` <https://example.org/?a=1&amp;b=2%7C3|here &lt;> there');
});

it('only webhooks of Slack are addresses', () => {
  const forms = new AddressForms(new SlackSettings());
  expect(forms.wrongWith('slack', 'https://hooks.slack.com/services/T0/B0/x')).toBeUndefined();
  for (const address of ['https://hooks.slack.com.evil.org/x', 'http://127.0.0.1/', 'x']) expect(forms.wrongWith('slack', address)).toContain('an incoming webhook');
});
