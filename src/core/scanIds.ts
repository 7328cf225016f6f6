import { type Signs, signsOf } from './signs.ts';

/** Numbers and names that AWS gives to cases, reports, invoices, events, resources and organizations. */
export type IdFound = { index: number; value: string };

/** Finds of one sort in one text. */
const MAX_FOUND = 500;

// 10 digits (2018), 11 (2023), 15 (2025): any length from 8 to 18, but twelve only where nothing else can be meant.
const CASE_TAG = /\[\s?(?:aws )?case(?:\s?(?:id|no\.?|number))?\s?[:#]?\s?(\d{8,18})\s?\]/giu;
const CASE_LABEL =
  /(?:support case|case ?id|case number|case no\.?|new support case|ケース(?:\s?(?:ID|番号))?|お問い合わせ番号|케이스(?:\s?(?:ID|번호))?|工单|案例)(?:\s?[:#：(（は]|\sis)?\s{0,3}#?\s?(\d{8,18})(?!\d)/giu;
/** As people write of it; only the lengths that cases have. */
const CASE_IN_PROSE = /(?<![\p{L}\p{N}])case\s#?(\d{10,11}|\d{15})(?![\p{L}\p{N}]|[-.]\d)/giu;
const CASE_LINK = /[?&/](?:displayId|caseId|caseDisplayId)=(\d{8,18})(?!\d)/gi;

export function scanCaseNumbers(text: string, signs: Signs = signsOf(text)): IdFound[] {
  if (!signs.has('case')) return [];
  const found: IdFound[] = [];
  for (const match of text.matchAll(CASE_TAG)) found.push({ index: match.index, value: match[1]! });
  for (const match of text.matchAll(CASE_LINK)) found.push({ index: match.index, value: match[1]! });
  for (const match of text.matchAll(CASE_IN_PROSE)) found.push({ index: match.index, value: match[1]! });
  for (const match of text.matchAll(CASE_LABEL)) {
    if (match[1]!.length !== 12) found.push({ index: match.index, value: match[1]! });
  }
  return found;
}

const ABUSE =
  /(?:abuse|悪用|不正使用)(?:\s|\p{L}|-){0,24}?(?:report|case|notice|レポート|報告)[^\d\n[P]{0,20}\[?\s?#?(P\d{5,16}|\d{8,16})(?!\d)/giu;
const ABUSE_LABEL = /(?:report|case)\s?(?:id|number|no\.?|#)\s?[:#]?\s?\[?(P\d{5,16}|\d{8,16})(?!\d)/giu;

/** Abuse report numbers; Bedrock's begin with P. `labelOnly` also takes "Report ID: n", for mails known to be abuse. */
export function scanAbuseReports(text: string, labelOnly: boolean, signs: Signs = signsOf(text)): IdFound[] {
  const found = signs.has('abuse') ? matches(text, ABUSE) : [];
  if (labelOnly && signs.has('report')) found.push(...matches(text, ABUSE_LABEL));
  return found.filter((one) => one.value.length !== 12);
}

const INVOICE_ID =
  /(?<![A-Z0-9])((?:[A-Z]{2}IN[A-Z]{0,2}\d{2}-\d{3,12})|(?:EUIN[A-Z]{0,4}\d{0,4}-?\d{4,14}))(?![A-Z0-9])/g;
const INVOICE_LABEL =
  /(?:invoice|tax invoice|credit memo|請求書|インボイス|適格請求書)\s?(?:number|id|no\.?|#|番号|ID)\s?[:#：]?\s{0,3}#?([A-Z]{0,8}-?\d[A-Z0-9-]{4,24})(?![A-Za-z0-9])/giu;

export function scanInvoices(text: string, signs: Signs = signsOf(text)): IdFound[] {
  const labelled = signs.has('invoice') ? matches(text, INVOICE_LABEL) : [];
  return [...labelled, ...matches(text, INVOICE_ID)].map((one) => ({ ...one, value: one.value.replace(/-+$/, '') }));
}

const EVENT_ARN =
  /arn:aws[a-z-]{0,12}:health:[a-z0-9-]{0,24}:\d{0,12}:event\/[A-Za-z0-9_]{1,60}\/[A-Z0-9_]{1,120}\/[A-Za-z0-9_.-]{1,200}/g;
const TOPIC_ARN = /arn:aws[a-z-]{0,12}:sns:[a-z0-9-]{1,24}:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?/g;
const CERTIFICATE_ARN = /arn:aws[a-z-]{0,12}:acm:[a-z0-9-]{1,24}:\d{12}:certificate\/[0-9a-f-]{36}/g;
const UUID_CERTIFICATE =
  /certificate\s?(?:id(?:entifier)?|arn)\s?:?\s{0,3}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/gi;
const ANY_ARN = /arn:aws[a-z-]{0,12}:[a-z0-9-]{1,32}:[a-z0-9-]{0,24}:\d{0,12}:[A-Za-z0-9_+=,.@:/*-]{1,300}/g;
const ORGANIZATION = /(?<![A-Za-z0-9-])o-[a-z0-9]{10,32}(?![A-Za-z0-9-])/g;
const EVENT_TYPE = /(?<![A-Z0-9_])AWS_[A-Z0-9]{2,32}(?:_[A-Z0-9]{2,32}){1,10}(?![A-Z0-9_])/g;
/** The number of a resource behind its hyphen, which is rarer than the letters before it. */
const RESOURCE_NUMBER = /-[0-9a-f]{8,17}(?![A-Za-z0-9-])/g;
const RESOURCE_SORT =
  /(?<![A-Za-z0-9/-])(?:i|vol|vpc|subnet|sg|eni|snap|ami|eipalloc|rtb|igw|nat|vgw|vpn|cgw|tgw|tgw-attach|lt|fs|pcx|acl|vpce|r|sir|lb|db|mi|h|fsap|rsv|cr)$/;
const DIRECT_CONNECT = /(?<![A-Za-z0-9/-])dx(?:con|vif|lag)-[a-z0-9]{8,17}(?![A-Za-z0-9-])/g;

export function scanEventArns(text: string, signs: Signs = signsOf(text)): IdFound[] {
  return signs.has('arn') ? matches(text, EVENT_ARN) : [];
}

export function scanTopicArns(text: string, signs: Signs = signsOf(text)): IdFound[] {
  return signs.has('arn') ? matches(text, TOPIC_ARN) : [];
}

export function scanOrganizations(text: string, signs: Signs = signsOf(text)): IdFound[] {
  return signs.has('organization') ? matches(text, ORGANIZATION) : [];
}

export function scanEventTypes(text: string): IdFound[] {
  return matches(text, EVENT_TYPE);
}

export function scanCertificates(text: string, signs: Signs = signsOf(text)): IdFound[] {
  const found = signs.has('arn') ? matches(text, CERTIFICATE_ARN) : [];
  return signs.has('certificate') ? [...found, ...matches(text, UUID_CERTIFICATE)] : found;
}

/** Ids and ARNs of what the mail is about: not the Health event itself, not a topic that only carried the mail. */
export function scanResources(text: string, signs: Signs = signsOf(text)): IdFound[] {
  const arns = (signs.has('arn') ? matches(text, ANY_ARN) : [])
    .map((one) => ({ ...one, value: one.value.replace(/[.,:;]+$/, '') }))
    .filter((one) => !/:(?:health|sns|notifications)(?:-contacts)?:/.test(one.value) && !one.value.endsWith(':root'));
  const inArn = (index: number): boolean =>
    arns.some((arn) => index >= arn.index && index < arn.index + arn.value.length);
  const connections = signs.has('connection') ? matches(text, DIRECT_CONNECT) : [];
  const plain = [...numberedResources(text), ...connections].filter((one) => !inArn(one.index));
  return [...plain, ...arns].sort((a, b) => a.index - b.index);
}

function numberedResources(text: string): IdFound[] {
  const found: IdFound[] = [];
  for (const { index, 0: number } of text.matchAll(RESOURCE_NUMBER)) {
    const sort = RESOURCE_SORT.exec(text.slice(Math.max(0, index - 12), index))?.[0];
    if (sort !== undefined) found.push({ index: index - sort.length, value: sort + number });
    if (found.length >= MAX_FOUND) break;
  }
  return found;
}

const DOMAIN =
  /(?<![\p{L}\d@.:/_-])(?:\*\.)?(?:[\p{L}\d](?:[\p{L}\d-]{0,61}[\p{L}\d])?\.){1,6}[\p{L}]{2,24}(?![\p{L}\d@_-]|\.[\p{L}\d])/gu;

/** Domain names that stand alone, not those of addresses and links. */
export function scanDomains(text: string): IdFound[] {
  return matches(text, DOMAIN).map((one) => ({ ...one, value: one.value.toLowerCase() }));
}

function matches(text: string, pattern: RegExp): IdFound[] {
  const found: IdFound[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push({ index: match.index, value: match[1] ?? match[0] });
    if (found.length >= MAX_FOUND) break;
  }
  return found;
}
