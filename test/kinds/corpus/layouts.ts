/** Frames in which AWS and others put their text. */

const FOOT =
  'Amazon Web Services, Inc. is a subsidiary of Amazon.com, Inc. Amazon.com is a registered trademark of Amazon.com, Inc. or its affiliates. This message was produced and distributed by Amazon Web Services, Inc. and affiliates, 410 Terry Ave. North, Seattle, WA 98109-5210. Reference: https://aws.amazon.com/privacy/';

const PIXEL =
  '<img src="https://abc12def.r.us-east-1.awstrack.me/I0/0100019ab/pixel=452" alt="" width="1" height="1" style="display:none">';

function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n\n+/)
    .map(
      (one) =>
        `<p style="margin:0 0 12px">${one.replace(/\n/g, '<br>\n').replace(/(https?:\/\/[^\s<]+)/g, '<a href="$1" style="color:#0972d3">$1</a>')}</p>`,
    )
    .join('\n');
}

/** Table-built mail with a preheader and a long footer, as AWS User Notifications sends. */
export function notice(
  title: string,
  text: string,
  link = 'https://health.console.aws.amazon.com/health/home#/account/dashboard',
): string {
  return `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><style type="text/css">@media only screen and (max-width:480px){.c{width:100%!important}}</style></head>
<body style="background:#f2f3f3"><div style="display:none;max-height:0;overflow:hidden">${title} &zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;</div>
<table role="presentation" width="100%"><tr><td align="center"><table class="c" width="600"><tr><td><img src="https://d0.awsstatic.com/logos/aws.png" alt="Amazon Web Services"></td></tr>
<tr><td style="font:12px Arial"><b>AWS Health Event</b> &nbsp;|&nbsp; <a href="https://console.aws.amazon.com/notifications/home#/notifications">View in Notification Center</a></td></tr>
<tr><td style="font:bold 20px Arial"><h1>${title}</h1></td></tr>
<tr><td style="font:14px Arial">${paragraphs(text)}</td></tr>
<tr><td><a href="${link}" style="background:#ff9900;padding:8px">View details in service console</a></td></tr>
<tr><td style="font:11px Arial;color:#687078">You are receiving this notification because you are a contact of this account. Manage your notification preferences in <a href="https://console.aws.amazon.com/notifications/">AWS User Notifications</a>.<br>${FOOT}</td></tr></table></td></tr></table>${PIXEL}</body></html>`;
}

/** A letter in HTML with the usual small print, as billing and account mail comes. */
export function letter(text: string, preheader = ''): string {
  return `<html><head><title></title></head><body>${preheader === '' ? '' : `<span style="display:none!important;font-size:1px;color:#fff">${preheader}</span>`}<table width="640" cellpadding="0"><tr><td><img src="https://media.amazonwebservices.com/logo.png" alt="AWS"></td></tr><tr><td>${paragraphs(text)}</td></tr><tr><td><small>${FOOT}</small></td></tr></table>${PIXEL}</body></html>`;
}

/** Rows of label and value. */
export function rows(pairs: [string, string][]): string {
  return `<table border="0">${pairs.map(([label, value]) => `<tr><td>${label}</td><td>${value}</td></tr>`).join('')}</table>`;
}

/** Plain text of the older kind, with its rule and footer. */
export function plain(text: string): string {
  return `${text.trim()}\n\nSincerely,\nAmazon Web Services\n\nThis message was produced and distributed by Amazon Web Services, Inc., 410 Terry Avenue\nNorth, Seattle, Washington 98109-5210\n`;
}

/** Support mail with the frame around the words of the agent. */
export function caseMail(number: string, text: string, language = 'en'): string {
  return `${text.trim()}\n\n==========\nTo respond to this correspondence, open the case in the Support Center:\nhttps://console.aws.amazon.com/support/home#/case/?displayId=${number}&language=${language}\n\n(If you are connecting by federation, log in before following the link.)\n\n*Please note: this e-mail was sent from an address that cannot accept incoming e-mail. Please use the link above if you need to contact us again about this same issue.\n\nLearn to work with the AWS Cloud. Get started with free online videos and self-paced labs at\nhttp://aws.amazon.com/training/\n====================================================================\nAmazon Web Services, Inc. and affiliates\n`;
}
