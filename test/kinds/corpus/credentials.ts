import { letter, plain } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const SIGNIN = 'no-reply <no-reply@signin.aws>';

export const credentials: CorpusMail[] = [
  {
    id: 'signup-code',
    from: 'Amazon Web Services <no-reply@signup.aws>',
    subject: 'AWS Email Verification',
    html: letter(
      'Verify your email address\n\nThanks for starting the new AWS account creation process. We want to make sure it\'s really you. Please enter the following verification code when prompted. If you don\'t want to create an account, you can ignore this message.\n\n<b>Verification code</b>\n\n<span style="font-size:36px">083914</span>\n\n(This code is valid for 10 minutes)',
      'Your code 083914',
    ),
    expect: { is: 'open auth.signup_otp', hide: ['083914'] },
  },
  {
    id: 'signin-code-html',
    from: SIGNIN,
    subject: 'Verify your identity',
    html: letter(
      'Hello,\n\nWe received a request to sign in as the root user aws-root@acme.example. To continue signing in, enter this verification code on the sign-in page:\n\n<table><tr><td>4</td><td>0</td><td>7</td><td>7</td><td>1</td><td>9</td></tr></table>\n\nThe code expires 10 minutes after it was sent. AWS will never ask you to disclose it.',
    ),
    wire: 'qp',
    expect: { is: 'open auth.signin_otp', hide: ['407719', '4 0 7 7 1 9'], urgency: 'high' },
  },
  {
    id: 'signin-code-ja',
    from: SIGNIN,
    to: 'sakura',
    subject: '本人確認を行ってください',
    text: 'AWS にサインインするには、次の検証コードを入力してください。\n\n検証コード: ９２７１４４\n\nこのコードは 10 分後に無効になります。心当たりがない場合は、パスワードを変更してください。',
    wire: 'base64',
    expect: { is: 'open auth.signin_otp', hide: ['９２７１４４', '927144'], lang: 'ja' },
  },
  {
    id: 'signin-code-subject',
    from: SIGNIN,
    subject: '[EXTERNAL] 551 208 is your AWS sign-in verification code',
    text: 'Your verification code is 551 208. Do not share it.',
    expect: { is: 'open auth.signin_otp', hide: ['551 208', '551208'] },
  },
  {
    id: 'password-reset-old',
    from: '"Amazon Web Services" <no-reply-aws@amazon.com>',
    subject: 'Amazon Web Services Password Assistance',
    text: plain(
      'Greetings from Amazon Web Services,\n\nWe received a request to reset the password for the AWS account associated with this e-mail address (requested from IP 203.0.113.9).\n\nClick the link below to reset your password using our secure server:\n\nhttps://signin.aws.amazon.com/resetpassword?type=RootUser&token=7Vb1qZkkP0d-FAKETOKEN-88&key=ab12FAKEKEY9\n\nIf clicking the link does not work, copy and paste it into your browser.',
    ),
    signed: ['amazon.com', 'amazonses.com'],
    expect: { is: 'open auth.password_reset', hide: ['FAKETOKEN', 'ab12FAKEKEY9'], urgency: 'high' },
  },
  {
    id: 'password-reset-new',
    from: 'AWS <no-reply@verify.signin.aws>',
    subject: 'Reset your AWS root user password',
    html: letter(
      'Hi there,\n\nYou (or someone else) asked to reset the root user password. Use the button below within the next 20 minutes.\n\n<a href="https://signin.aws.amazon.com/resetpassword?type=RootUser&amp;token=QQfakeQQ998877QQ&amp;key=zz">Reset password</a>\n\nDidn\'t ask? Ignore this e-mail, your password stays the same.',
    ),
    expect: { is: 'open auth.password_reset', hide: ['QQfakeQQ998877QQ'] },
  },
  {
    id: 'email-change-code',
    from: 'no-reply@verify.signin.aws',
    subject: 'Your one-time passcode to update your AWS account email address',
    html: letter(
      'A request was made to change the primary email address of an AWS account to aws+prod@acme.example.\n\nYour one-time password (OTP): 119024\n\nIt is valid for up to 5 minutes.',
    ),
    to: 'acme:1',
    expect: { is: 'open auth.email_change_otp', hide: ['119024'] },
  },
  {
    id: 'mfa-recovery',
    from: 'recover-mfa-no-reply@verify.signin.aws',
    subject: 'Re-sync or recover your lost MFA device',
    html: letter(
      'You told us that your multi-factor authentication device is lost or no longer works.\n\nTo verify your e-mail address, select <a href="https://signin.aws.amazon.com/mfa/recover?ticket=FAKETICKET0099">this link</a>. We then call the phone number of the account.',
    ),
    expect: { is: 'open auth.mfa_recovery', urgency: 'critical', hide: ['FAKETICKET0099'] },
  },
  {
    id: 'mfa-off',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: 'Your Amazon Web Services Multi-Factor Authentication (MFA) Has Been Deactivated',
    text: plain(
      'Dear Customer,\n\nThis message confirms that the MFA device of your root user was turned off. If you did not do this, contact AWS Support at once: https://aws.amazon.com/support',
    ),
    expect: { is: 'open auth.mfa_changed', urgency: 'critical' },
  },
  {
    id: 'mfa-on-ja',
    from: 'アマゾン ウェブ サービス <no-reply@amazonaws.com>',
    to: 'sakura',
    subject: 'お客様の AWS アカウントで多要素認証 (MFA) が有効になりました',
    text: 'お客様\n\nルートユーザーの MFA デバイスが有効化されました。お心当たりがない場合は AWS サポートまでご連絡ください。',
    expect: { is: 'open auth.mfa_changed', lang: 'ja' },
  },
  {
    id: 'password-changed',
    from: 'no-reply@signin.aws',
    subject: 'The password of your AWS account root user was changed',
    text: "The password for the root user of AWS account 111122223333 has been changed on September 14, 2026 at 10:22 UTC. If this wasn't you, reset your password immediately.",
    expect: { is: 'open auth.password_changed', urgency: 'critical' },
  },
  {
    id: 'email-changed',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: 'Your AWS account email address has been updated',
    html: letter(
      "The email address on your AWS account 444455556666 was changed from aws-root@acme.example to aws+prod@acme.example.\n\nIf you didn't make this change, contact us.",
    ),
    expect: { is: 'open auth.email_changed', urgency: 'critical', facts: { accountIds: ['444455556666'] } },
  },
  {
    id: 'new-password-required',
    from: 'no-reply@signin.aws',
    subject: 'Requirement: Create a new Amazon Web Services password',
    text: 'Hello,\n\nTo keep your account safe we require that you create a new password the next time that you sign in. Go to https://console.aws.amazon.com and choose Forgot password.\n\nThe AWS Team',
    expect: { is: 'open auth.new_password_required' },
  },
  {
    id: 'identity-center',
    from: 'AWS IAM Identity Center <no-reply@login.awsapps.com>',
    subject: 'Invitation to join AWS IAM Identity Center (successor to AWS Single Sign-On)',
    html: letter(
      'Hello Dana Example,\n\nYour administrator has invited you. Accept the invitation within 7 days to activate your user.\n\n<a href="https://us-east-1.signin.aws/platform/d-90670000/signup?invite=INVFAKE77aa">Accept invitation</a>\n\nYour AWS access portal URL: https://d-90670000.awsapps.com/start\nYour Username: dana',
    ),
    expect: { is: 'open auth.identity_center_invite', hide: ['INVFAKE77aa'] },
  },
  {
    id: 'signin-unlisted-wording',
    from: 'AWS Sign-In <alerts@signin.aws>',
    subject: 'New sign-in from an unrecognized device',
    text: 'We noticed a sign-in to your account from a device that we have not seen before.',
    expect: { is: 'open auth.', or: ['aws.other'] },
  },
];
