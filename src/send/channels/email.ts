// E-mail by SMTP (RFC 5321), composed and spoken by nodemailer over a connection of ours. The Message-ID is made of the message's id, so
// that a repeat is known as one; updates and closing refer to the opening (RFC 5322, References), so that they stand in one thread.
import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import { bodyOf, type Channel, type Delivery } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';

const TIMEOUT_MS = 20_000;

export const email: Channel<SettingsOf<'email'>> = {
  async deliver(settings, attempt) {
    const { host, port, security, user, password, from, to, inside } = settings;
    const { envelope, dial, site } = attempt;
    const transport = nodemailer.createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      name: from.slice(from.indexOf('@') + 1),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      getSocket: (_options, callback) => {
        dial(host, port, { tls: false, inside, timeoutMs: TIMEOUT_MS }).then(
          (connection) => callback(null, { connection }),
          (error: Error) => callback(error, false),
        );
      },
    });
    const idOf = (what: string): string =>
      `<${createHash('sha256').update(what).digest('hex').slice(0, 32)}@${from.slice(from.indexOf('@') + 1)}>`;
    const first = idOf(envelope.thread);
    const opening = envelope.kind === 'opening';
    try {
      await transport.sendMail({
        from: { name: site, address: from },
        to: [...to],
        subject: envelope.title,
        text: `${bodyOf({ envelope, repeat: false })}\n\n${envelope.href}\n`,
        messageId: opening ? first : idOf(envelope.id),
        date: new Date(envelope.at * 1000),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Downstream-Message': envelope.id },
        ...(opening ? {} : { inReplyTo: first, references: [first] }),
      });
      return { ok: true };
    } catch (error) {
      return refusal(error);
    } finally {
      transport.close();
    }
  },
};

/** RFC 5321, 4.2.1: 4yz is a transient refusal, 5yz a permanent one. */
function refusal(error: unknown): Delivery {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  const permanent = (responseCode ?? 0) >= 500 && code !== 'ECONNECTION';
  const why =
    responseCode === undefined ? `it cannot be reached (${code ?? 'unknown'})` : `it answers ${responseCode}`;
  return { ok: false, answered: responseCode !== undefined, why, retryable: !permanent };
}
