import { randomBytes } from 'node:crypto';
import { type AwsStandIn, BUCKET } from '../servers/awsStandIn.ts';

/** What SES found, in its own words. */
export type Verdicts = Partial<Record<'spam' | 'virus' | 'spf' | 'dkim' | 'dmarc', string>>;

export type SesMail = {
  mail: Buffer;
  /** RCPT TO that the rule matched. */
  to: string[];
  from?: string;
  verdicts?: Verdicts;
  key?: string;
  bucket?: string;
  /** As the topic of the rule hands it on, as the rule says it (raw delivery), or as the bucket tells of it. */
  form?: 'sns' | 'ses' | 'bucket' | 'bucket by sns';
  /** Authentication-Results that SES writes. */
  results?: string;
};

export const CLIENT = { ip: '203.0.113.9', helo: 'a9-183.smtp-out.test' };

/** A key as SES makes one. */
export function sesKey(): string {
  return `in/${randomBytes(20).toString('hex')}`;
}

/** A mail as SES stores it: what it writes stands on top. Its forms are those of mail that was taken in public. */
export function asStored({ mail, to, from = 'x@amazonses.com', verdicts = {}, results }: SesMail): Buffer {
  const { ip, helo } = CLIENT;
  const id = randomBytes(10).toString('hex');
  const head = [
    `Return-Path: <${from}>`,
    `Received: from ${helo} (${helo} [${ip}])\r\n by inbound-smtp.eu-west-1.amazonaws.com with SMTP id ${id}\r\n for ${to[0]};\r\n ${new Date().toUTCString().replace('GMT', '+0000 (UTC)')}`,
    `X-SES-Spam-Verdict: ${verdicts.spam ?? 'PASS'}`,
    `X-SES-Virus-Verdict: ${verdicts.virus ?? 'PASS'}`,
    `Received-SPF: pass (spfCheck: domain of amazonses.com designates ${ip} as permitted sender) client-ip=${ip}; envelope-from=${from}; helo=${helo};`,
    `Authentication-Results: ${results ?? `amazonses.com;\r\n spf=pass (spfCheck: domain of amazonses.com designates ${ip} as permitted sender) client-ip=${ip}; envelope-from=${from}; helo=${helo};\r\n dkim=pass header.i=@amazon.com;\r\n dmarc=pass header.from=amazon.com;`}`,
    'X-SES-RECEIPT: AEFBQUFBQUFBQUFB',
    'X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=AAAA; c=relaxed/simple;',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), mail]);
}

/** The notification that SES writes for the S3 action of a rule. */
export function sesNotification(mail: SesMail & { key: string }): string {
  const { to, from = 'x@amazonses.com', verdicts = {}, key, bucket = BUCKET } = mail;
  const at = new Date().toISOString();
  const status = (name: keyof Verdicts) => ({ status: verdicts[name] ?? 'PASS' });
  return JSON.stringify({
    notificationType: 'Received',
    mail: {
      timestamp: at,
      source: from,
      messageId: key.slice(key.lastIndexOf('/') + 1),
      destination: ['globex-4t8w@root.test'],
      headersTruncated: false,
      headers: [{ name: 'To', value: 'globex-4t8w@root.test' }],
      commonHeaders: { to: ['globex-4t8w@root.test'], subject: 'x' },
    },
    receipt: {
      timestamp: at,
      processingTimeMillis: 222,
      recipients: to,
      spamVerdict: status('spam'),
      virusVerdict: status('virus'),
      spfVerdict: status('spf'),
      dkimVerdict: status('dkim'),
      dmarcVerdict: status('dmarc'),
      action: {
        type: 'S3',
        topicArn: 'arn:aws:sns:eu-west-1:111122223333:root-mail',
        bucketName: bucket,
        objectKeyPrefix: 'in/',
        objectKey: key,
      },
    },
  });
}

/** An event of the bucket about these keys. */
export function bucketEvent(keys: readonly string[], eventName = 'ObjectCreated:Put', bucket = BUCKET): string {
  return JSON.stringify({
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: new Date().toISOString(),
      eventName,
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'mail',
        bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
        object: {
          key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
          size: 1,
          sequencer: '0A',
        },
      },
    })),
  });
}

/** The envelope of SNS around a message. */
export function bySns(message: string, type = 'Notification'): string {
  return JSON.stringify({
    Type: type,
    MessageId: 'e1b5c0ce',
    TopicArn: 'arn:aws:sns:eu-west-1:111122223333:root-mail',
    Subject: 'Amazon SES Email Receipt Notification',
    Message: message,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
  });
}

/** Takes a mail as SES does: stores it, then tells of it. Its key and the message's id. */
export function takeBySes(aws: AwsStandIn, mail: SesMail): { key: string; id: string } {
  const key = mail.key ?? sesKey();
  aws.put(mail.bucket ?? BUCKET, key, asStored(mail));
  const form = mail.form ?? 'sns';
  const notification = sesNotification({ ...mail, key });
  const event = bucketEvent([key], 'ObjectCreated:Put', mail.bucket);
  const body = { sns: bySns(notification), ses: notification, bucket: event, 'bucket by sns': bySns(event) }[form];
  return { key, id: aws.send(body) };
}
