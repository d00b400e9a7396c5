// Packages and imports that stand for a service. Enters: the name that a manifest or an import gives, and its ecosystem; leaves
// whose service it talks to, or null. A table of this work: official client libraries by the names their makers publish them under.
import { componentOf } from './clouds.ts';

export type Ecosystem = 'npm' | 'pypi' | 'go' | 'crates' | 'maven' | 'gems' | 'composer' | 'nuget';

/** A service by its id, or a component of a cloud. */
export type Stands = { readonly service: string } | { readonly provider: string; readonly component?: string };

/**
 * Service → its packages, `ecosystem:name`; a `*` at the end takes any rest. Where an import is written otherwise than the
 * package: `import:name`, for Python, Java and Kotlin, PHP, C# and Ruby together.
 */
const PACKAGES: Readonly<Record<string, string>> = {
  stripe:
    'npm:stripe npm:@stripe/* pypi:stripe go:github.com/stripe/stripe-go crates:async-stripe maven:com.stripe gems:stripe composer:stripe/stripe-php nuget:Stripe.net import:stripe import:com.stripe import:Stripe',
  braintree:
    'npm:braintree npm:braintree-web pypi:braintree maven:com.braintreepayments.gateway gems:braintree composer:braintree/braintree_php nuget:Braintree import:braintree import:Braintree',
  adyen:
    'npm:@adyen/* pypi:Adyen maven:com.adyen gems:adyen-ruby-api-library composer:adyen/php-api-library nuget:Adyen import:Adyen import:com.adyen',
  mollie:
    'npm:@mollie/api-client pypi:mollie-api-python gems:mollie-api-ruby composer:mollie/* nuget:Mollie.Api import:mollie import:Mollie',
  gocardless:
    'npm:gocardless-nodejs pypi:gocardless_pro maven:com.gocardless gems:gocardless_pro composer:gocardless/gocardless-pro import:gocardless_pro import:com.gocardless import:GoCardlessPro',
  'square-payments':
    'npm:square npm:squareup pypi:squareup maven:com.squareup:square gems:square.rb composer:square/square nuget:Square',
  plaid:
    'npm:plaid npm:react-plaid-link pypi:plaid-python go:github.com/plaid/plaid-go maven:com.plaid gems:plaid import:plaid import:com.plaid',
  paypal:
    'npm:@paypal/* pypi:paypalrestsdk pypi:paypal-server-sdk maven:com.paypal.sdk composer:paypal/* gems:paypal-sdk-rest import:paypalrestsdk import:com.paypal',
  razorpay:
    'npm:razorpay pypi:razorpay maven:com.razorpay gems:razorpay composer:razorpay/razorpay import:razorpay import:com.razorpay',
  chargebee:
    'npm:chargebee pypi:chargebee maven:com.chargebee gems:chargebee composer:chargebee/chargebee-php import:chargebee import:com.chargebee',
  twilio:
    'npm:twilio npm:@twilio/* pypi:twilio go:github.com/twilio/twilio-go maven:com.twilio.sdk gems:twilio-ruby composer:twilio/sdk nuget:Twilio import:twilio import:com.twilio import:Twilio',
  sendgrid:
    'npm:@sendgrid/* pypi:sendgrid go:github.com/sendgrid/sendgrid-go maven:com.sendgrid gems:sendgrid-ruby composer:sendgrid/sendgrid nuget:SendGrid import:sendgrid import:com.sendgrid import:SendGrid',
  mailgun:
    'npm:mailgun.js npm:mailgun-js go:github.com/mailgun/mailgun-go gems:mailgun-ruby composer:mailgun/mailgun-php import:Mailgun',
  mailjet:
    'npm:node-mailjet pypi:mailjet-rest go:github.com/mailjet/mailjet-apiv3-go maven:com.mailjet gems:mailjet composer:mailjet/mailjet-apiv3-php nuget:Mailjet.Api import:mailjet_rest import:Mailjet import:com.mailjet',
  mailchimp:
    'npm:@mailchimp/* pypi:mailchimp-marketing pypi:mailchimp-transactional gems:MailchimpMarketing composer:mailchimp/* import:mailchimp_marketing import:mailchimp_transactional',
  postmark:
    'npm:postmark pypi:postmarker gems:postmark gems:postmark-rails composer:wildbit/postmark-php nuget:Postmark import:postmarker import:Postmark',
  resend: 'npm:resend pypi:resend go:github.com/resend/resend-go gems:resend composer:resend/* import:resend',
  brevo: 'npm:@getbrevo/brevo pypi:brevo-python composer:getbrevo/brevo-php gems:brevo import:brevo_python',
  vonage:
    'npm:@vonage/* pypi:vonage maven:com.vonage gems:vonage composer:vonage/client nuget:Vonage import:vonage import:com.vonage',
  bird: 'npm:messagebird pypi:messagebird gems:messagebird-rest composer:messagebird/php-rest-api import:messagebird',
  slack:
    'npm:@slack/* pypi:slack-sdk pypi:slack_sdk pypi:slackclient pypi:slack-bolt go:github.com/slack-go/slack maven:com.slack.api gems:slack-ruby-client import:slack_sdk import:slack_bolt import:com.slack.api import:slack-ruby-client',
  discord: 'npm:discord.js pypi:discord.py go:github.com/bwmarrin/discordgo crates:serenity import:discord',
  telegram:
    'npm:telegraf npm:node-telegram-bot-api pypi:python-telegram-bot pypi:aiogram import:telegram import:aiogram',
  sentry:
    'npm:@sentry/* pypi:sentry-sdk go:github.com/getsentry/sentry-go crates:sentry maven:io.sentry gems:sentry-ruby gems:sentry-rails composer:sentry/* nuget:Sentry* import:sentry_sdk import:io.sentry import:Sentry import:sentry-ruby',
  datadog:
    'npm:dd-trace npm:@datadog/* pypi:ddtrace pypi:datadog pypi:datadog-api-client go:github.com/DataDog/* go:gopkg.in/DataDog/* maven:com.datadoghq gems:ddtrace gems:datadog composer:datadog/* nuget:Datadog.Trace import:ddtrace import:datadog import:com.datadoghq',
  'new-relic':
    'npm:newrelic npm:@newrelic/* pypi:newrelic go:github.com/newrelic/go-agent maven:com.newrelic.agent.java gems:newrelic_rpm nuget:NewRelic.Agent* import:newrelic import:com.newrelic',
  honeycomb: 'npm:@honeycombio/* go:github.com/honeycombio/* gems:honeycomb-beeline import:beeline',
  splunk: 'npm:@splunk/* pypi:splunk-sdk pypi:splunk-opentelemetry import:splunklib',
  pagerduty:
    'npm:@pagerduty/* npm:node-pagerduty pypi:pdpyras pypi:pagerduty go:github.com/PagerDuty/go-pagerduty import:pdpyras',
  opsgenie: 'npm:opsgenie-sdk pypi:opsgenie-sdk go:github.com/opsgenie/*',
  launchdarkly:
    'npm:launchdarkly-* npm:@launchdarkly/* pypi:launchdarkly-server-sdk go:github.com/launchdarkly/go-server-sdk maven:com.launchdarkly gems:launchdarkly-server-sdk composer:launchdarkly/* nuget:LaunchDarkly.* import:ldclient import:com.launchdarkly import:LaunchDarkly',
  segment:
    'npm:@segment/* npm:analytics-node pypi:segment-analytics-python pypi:analytics-python go:github.com/segmentio/analytics-go gems:analytics-ruby import:segment',
  amplitude: 'npm:@amplitude/* npm:amplitude-js pypi:amplitude-analytics import:amplitude',
  mixpanel:
    'npm:mixpanel npm:mixpanel-browser pypi:mixpanel gems:mixpanel-ruby composer:mixpanel/mixpanel-php import:mixpanel',
  intercom: 'npm:intercom-client npm:@intercom/* pypi:python-intercom gems:intercom',
  algolia:
    'npm:algoliasearch npm:@algolia/* pypi:algoliasearch go:github.com/algolia/algoliasearch-client-go maven:com.algolia gems:algolia gems:algoliasearch-rails composer:algolia/* import:algoliasearch import:com.algolia import:Algolia',
  contentful:
    'npm:contentful npm:contentful-management pypi:contentful gems:contentful composer:contentful/* import:contentful',
  sanity: 'npm:@sanity/* npm:next-sanity',
  storyblok: 'npm:@storyblok/* npm:storyblok-js-client',
  prismic: 'npm:@prismicio/*',
  cloudinary:
    'npm:cloudinary npm:@cloudinary/* pypi:cloudinary gems:cloudinary maven:com.cloudinary composer:cloudinary/* import:cloudinary import:com.cloudinary import:Cloudinary',
  pusher:
    'npm:pusher npm:pusher-js pypi:pusher go:github.com/pusher/pusher-http-go gems:pusher composer:pusher/pusher-php-server import:pusher import:Pusher',
  ably: 'npm:ably pypi:ably go:github.com/ably/ably-go gems:ably maven:io.ably import:ably import:io.ably',
  pubnub:
    'npm:pubnub pypi:pubnub go:github.com/pubnub/go maven:com.pubnub gems:pubnub import:pubnub import:com.pubnub',
  onesignal: 'npm:react-onesignal npm:@onesignal/* pypi:onesignal-sdk import:onesignal',
  auth0:
    'npm:auth0 npm:@auth0/* npm:auth0-js npm:express-openid-connect pypi:auth0-python go:github.com/auth0/* maven:com.auth0:auth0 gems:auth0 gems:omniauth-auth0 composer:auth0/* nuget:Auth0.* import:auth0 import:Auth0',
  okta: 'npm:@okta/* pypi:okta go:github.com/okta/* maven:com.okta.sdk gems:omniauth-okta nuget:Okta.* import:okta import:com.okta',
  clerk: 'npm:@clerk/* pypi:clerk-backend-api go:github.com/clerk/clerk-sdk-go import:clerk_backend_api',
  stytch: 'npm:stytch npm:@stytch/* pypi:stytch import:stytch',
  workos: 'npm:@workos-inc/* pypi:workos gems:workos composer:workos/* import:workos',
  openai:
    'npm:openai npm:@ai-sdk/openai pypi:openai pypi:langchain-openai go:github.com/openai/openai-go go:github.com/sashabaranov/go-openai crates:async-openai maven:com.openai gems:ruby-openai gems:openai composer:openai-php/* nuget:OpenAI import:openai import:langchain_openai import:com.openai import:OpenAI',
  claude:
    'npm:@anthropic-ai/* npm:@ai-sdk/anthropic pypi:anthropic pypi:langchain-anthropic go:github.com/anthropics/anthropic-sdk-go maven:com.anthropic gems:anthropic nuget:Anthropic* import:anthropic import:langchain_anthropic import:com.anthropic',
  gemini:
    'npm:@google/generative-ai npm:@google/genai pypi:google-generativeai pypi:google-genai import:google.generativeai import:google.genai',
  cohere: 'npm:cohere-ai pypi:cohere import:cohere',
  groq: 'npm:groq-sdk pypi:groq import:groq',
  'mistral-le-chat': 'npm:@mistralai/* pypi:mistralai import:mistralai',
  replicate: 'npm:replicate pypi:replicate import:replicate',
  elevenlabs: 'npm:elevenlabs npm:@elevenlabs/* pypi:elevenlabs import:elevenlabs',
  deepl: 'npm:deepl-node pypi:deepl composer:deeplcom/deepl-php import:deepl import:DeepL',
  'hugging-face': 'npm:@huggingface/* pypi:huggingface-hub pypi:huggingface_hub import:huggingface_hub',
  snowflake:
    'npm:snowflake-sdk pypi:snowflake-connector-python pypi:snowflake-snowpark-python pypi:snowflake-sqlalchemy go:github.com/snowflakedb/gosnowflake maven:net.snowflake import:snowflake import:net.snowflake',
  databricks:
    'npm:@databricks/* pypi:databricks-sdk pypi:databricks-sql-connector go:github.com/databricks/* maven:com.databricks import:databricks',
  supabase: 'npm:@supabase/* pypi:supabase import:supabase',
  planetscale: 'npm:@planetscale/*',
  neon: 'npm:@neondatabase/*',
  vercel: 'npm:@vercel/blob npm:@vercel/kv npm:@vercel/postgres npm:@vercel/edge-config npm:@vercel/analytics',
  netlify: 'npm:@netlify/blobs npm:@netlify/functions',
  mapbox: 'npm:mapbox-gl npm:@mapbox/* npm:react-map-gl pypi:mapbox',
  'google-maps-platform':
    'npm:@googlemaps/* pypi:googlemaps go:googlemaps.github.io/maps maven:com.google.maps import:googlemaps import:com.google.maps',
  maxmind: 'npm:@maxmind/geoip2-node pypi:geoip2 composer:geoip2/geoip2 import:geoip2',
  shopify: 'npm:@shopify/* pypi:ShopifyAPI gems:shopify_api composer:shopify/* import:shopify',
  salesforce: 'npm:jsforce npm:@salesforce/* pypi:simple-salesforce gems:restforce import:simple_salesforce',
  hubspot: 'npm:@hubspot/* pypi:hubspot-api-client gems:hubspot-api-client composer:hubspot/* import:hubspot',
  zendesk: 'npm:node-zendesk pypi:zenpy gems:zendesk_api composer:zendesk/* import:zenpy',
  notion: 'npm:@notionhq/client pypi:notion-client import:notion_client',
  airtable: 'npm:airtable pypi:pyairtable gems:airrecord import:pyairtable',
  jira: 'npm:jira-client npm:jira.js pypi:jira import:jira',
  github:
    'npm:@octokit/* npm:octokit npm:@actions/github pypi:PyGithub go:github.com/google/go-github crates:octocrab gems:octokit maven:org.kohsuke:github-api nuget:Octokit import:github import:octokit',
  gitlab: 'npm:@gitbeaker/* pypi:python-gitlab go:gitlab.com/gitlab-org/api/client-go gems:gitlab import:gitlab',
  dropbox: 'npm:dropbox pypi:dropbox import:dropbox',
  box: 'npm:box-node-sdk pypi:boxsdk import:boxsdk',
  docusign: 'npm:docusign-esign pypi:docusign-esign gems:docusign_esign nuget:DocuSign.* import:docusign_esign',
  xero: 'npm:xero-node pypi:xero-python import:xero_python',
  quickbooks: 'npm:node-quickbooks pypi:python-quickbooks import:quickbooks',
  'hashicorp-cloud': 'npm:@cdktf/*',
  'mongodb-atlas': 'npm:mongodb-atlas-api-client',
  'confluent-cloud': 'npm:@confluentinc/* pypi:confluent-kafka-cloud',
  fastly: 'npm:@fastly/* pypi:fastly gems:fastly crates:fastly',
};

/** Cloud packages whose name carries the component: a pattern each, the component in group 1. */
const CLOUD_PACKAGES: readonly (readonly [ecosystem: Ecosystem | 'import', pattern: RegExp, provider: string])[] = [
  ['npm', /^@aws-sdk\/(?:client-|lib-)?([a-z0-9-]+)$/, 'aws'],
  ['npm', /^aws-sdk(?:\/clients\/([a-z0-9]+))?$/, 'aws'],
  ['pypi', /^(?:boto3|botocore|aioboto3|aiobotocore|boto3-stubs)$/, 'aws'],
  ['go', /^github\.com\/aws\/aws-sdk-go(?:-v2)?(?:\/service\/([a-z0-9]+)|\/|$)/, 'aws'],
  ['crates', /^aws-sdk-([a-z0-9]+)$/, 'aws'],
  ['crates', /^aws-config$/, 'aws'],
  ['maven', /^(?:software\.amazon\.awssdk|com\.amazonaws):(?:aws-java-sdk-)?([a-z0-9-]+)$/, 'aws'],
  ['gems', /^aws-sdk-([a-z0-9]+)$/, 'aws'],
  ['composer', /^aws\/aws-sdk-php(?:-laravel)?$/, 'aws'],
  ['nuget', /^AWSSDK\.([A-Za-z0-9]+)$/, 'aws'],
  ['import', /^(?:boto3|botocore|aioboto3)(?:\.|$)/, 'aws'],
  ['import', /^software\.amazon\.awssdk\.services\.([a-z0-9]+)/, 'aws'],
  ['import', /^com\.amazonaws\.services\.([a-z0-9]+)/, 'aws'],
  ['import', /^Aws\\([A-Za-z0-9]+)\\/, 'aws'],
  ['import', /^Amazon\.([A-Za-z0-9]+)/, 'aws'],
  ['npm', /^@google-cloud\/([a-z0-9-]+)$/, 'gcp'],
  ['npm', /^(firebase)(?:-admin|-functions|\/[a-z-]+)?$/, 'gcp'],
  ['pypi', /^google-cloud-([a-z0-9-]+?)(?:\[[^\]]*\])?$/, 'gcp'],
  ['pypi', /^(firebase)-admin$/, 'gcp'],
  ['go', /^cloud\.google\.com\/go\/([a-z0-9]+)/, 'gcp'],
  ['go', /^(firebase)\.google\.com\/go/, 'gcp'],
  ['maven', /^com\.google\.cloud:google-cloud-([a-z0-9-]+)$/, 'gcp'],
  ['maven', /^com\.google\.(firebase):/, 'gcp'],
  ['gems', /^google-cloud-([a-z0-9_-]+)$/, 'gcp'],
  ['composer', /^google\/cloud-([a-z0-9-]+)$/, 'gcp'],
  ['nuget', /^Google\.Cloud\.([A-Za-z0-9]+)/, 'gcp'],
  ['import', /^google\.cloud\.([a-z0-9]+)/, 'gcp'],
  ['import', /^(firebase)_admin(?:\.|$)/, 'gcp'],
  ['import', /^com\.google\.cloud\.([a-z0-9]+)/, 'gcp'],
  ['import', /^Google\\Cloud\\([A-Za-z0-9]+)/, 'gcp'],
  ['import', /^Google\.Cloud\.([A-Za-z0-9]+)/, 'gcp'],
  ['npm', /^@azure\/(?:arm-)?([a-z0-9-]+)$/, 'azure'],
  ['pypi', /^azure-(?:mgmt-)?([a-z0-9-]+)$/, 'azure'],
  ['pypi', /^(msal)$/, 'azure'],
  ['go', /^github\.com\/Azure\/azure-sdk-for-go\/sdk\/(?:[a-z]+\/)?(?:az)?([a-z0-9]+)/, 'azure'],
  ['crates', /^azure_([a-z0-9_]+)$/, 'azure'],
  ['maven', /^com\.azure:azure-([a-z0-9-]+)$/, 'azure'],
  ['gems', /^azure-([a-z0-9-]+)$/, 'azure'],
  ['nuget', /^Azure\.([A-Za-z0-9.]+)$/, 'azure'],
  ['import', /^azure\.([a-z0-9]+(?:\.blob|\.queue)?)/, 'azure'],
  ['import', /^(msal)(?:\.|$)/, 'azure'],
  ['import', /^com\.azure\.([a-z0-9]+)/, 'azure'],
  ['import', /^Azure\.([A-Za-z0-9]+)/, 'azure'],
];
/** Parts of the clouds' libraries that talk to no service of their own. */
const PLUMBING =
  /^(?:core|common|types|util|utils|smithy|credential|credentials|credential-provider.*|middleware.*|config|auth|bom|logger|abort.*|paginator|http|json|protocols.*|s3-request-presigner|client)$/;

const EXACT = new Map<string, string>();
const PREFIXES: (readonly [prefix: string, service: string])[] = [];
for (const [service, names] of Object.entries(PACKAGES)) {
  for (const name of names.split(' ')) {
    if (name.endsWith('*')) PREFIXES.push([name.slice(0, -1), service]);
    else EXACT.set(name, service);
  }
}

/** What a package of a manifest stands for; `name` as the ecosystem writes it (`group:artifact` for Maven). */
export function packageStands(ecosystem: Ecosystem, written: string): Stands | null {
  const name = ecosystem === 'pypi' ? written.toLowerCase().replace(/_/g, '-') : written;
  if (name.length > 200) return null;
  return cloud(ecosystem, name) ?? listed(ecosystem, name);
}

/** What an import of a language without package names in its sources stands for. */
export function importStands(name: string): Stands | null {
  if (name.length > 200) return null;
  return cloud('import', name) ?? listed('import', name);
}

function cloud(ecosystem: Ecosystem | 'import', name: string): Stands | null {
  for (const [of, pattern, provider] of CLOUD_PACKAGES) {
    if (of !== ecosystem) continue;
    const match = pattern.exec(name);
    if (!match) continue;
    const called = match[1];
    if (called !== undefined && PLUMBING.test(called)) return null;
    const component = called === undefined ? undefined : componentOf(provider, called);
    return component === undefined ? { provider } : { provider, component };
  }
  return null;
}

function listed(ecosystem: string, name: string): Stands | null {
  // From the whole name up: `com.stripe.model.Charge` is of `com.stripe`, `github.com/x/y/v2` of `github.com/x/y`.
  for (let key = name; key !== ''; key = key.slice(0, Math.max(0, key.search(/[./:\\][^./:\\]*$/)))) {
    const service = EXACT.get(`${ecosystem}:${key}`);
    if (service !== undefined) return { service };
  }
  const whole = `${ecosystem}:${name}`;
  const prefix = PREFIXES.find(([start]) => whole.startsWith(start));
  return prefix === undefined ? null : { service: prefix[1] };
}
