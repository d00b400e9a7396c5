// The clouds' own vocabulary → catalogue ids: what their hosts, packages, commands and resource types call a component, and
// the region inside a name. Sources: the providers' endpoint references (AWS "Service endpoints and quotas", Google "Regional
// endpoints", Azure "DNS names"), from memory, 2026-11-26; what the catalogue lacks falls back to region or provider.
import type { ServiceId } from '../model/service.ts';

export interface CloudPart {
  readonly provider: ServiceId;
  readonly component?: string;
  readonly region?: string;
}

/** Component's segment in the catalogue → other names of it, written without `-` and `_`. */
const AWS: Readonly<Record<string, string>> = {
  s3: 's3 s3control s3outposts s3website s3accelerate s3objectlambda s3transfer s3presignedpost s3requestpresigner libstorage bucket',
  dynamodb: 'dynamodb dynamodbv2 dynamodbstreams libdynamodb dax dynamo',
  ec2: 'ec2 instance vpc subnet autoscaling ami ebs eip securitygroup launchtemplate natgateway internetgateway routetable keypair spotinstance ebsvolume networkinterface',
  lambda: 'lambda lambdaurl on',
  rds: 'rds rdsdata db aurora docdb',
  sqs: 'sqs queue',
  sns: 'sns simplenotificationservice',
  kinesis: 'kinesis firehose kinesisfirehose kinesisanalytics kinesisvideo',
  cognito: 'cognito cognitoidp cognitoidentity cognitoidentityprovider amazoncognito auth',
  ecs: 'ecs',
  eks: 'eks',
  elb: 'elb elbv2 lb alb nlb elasticloadbalancing elasticloadbalancingv2',
  apigateway: 'apigateway apigatewayv2 executeapi apigatewaymanagementapi api',
  redshift: 'redshift redshiftdata redshiftserverless',
  glue: 'glue',
  eventbridge: 'eventbridge events scheduler eventbus',
  cloudwatch: 'cloudwatch logs cloudwatchlogs monitoring cloudwatchevents',
  cloudtrail: 'cloudtrail',
  config: 'config configservice',
  connect: 'connect',
  sts: 'sts',
  fargate: 'fargate',
  iam: 'iam accessanalyzer',
  organizations: 'organizations',
  route53: 'route53 route53domains route53resolver',
  cloudfront: 'cloudfront',
  waf: 'waf wafv2 wafregional',
  acm: 'acm',
  shield: 'shield',
  'global-accelerator': 'globalaccelerator',
  ses: 'ses sesv2 email emailsmtp simpleemail simpleemailservice',
};
const GCP: Readonly<Record<string, string>> = {
  'cloud-storage': 'storage gcs storagecontrol storagetransfer',
  'cloud-sql': 'sql sqladmin cloudsqlconnector cloudsql',
  'cloud-run': 'run cloudrun cloudrunv2 functions cloudfunctions cloudfunctions2',
  'kubernetes-engine': 'container gke',
  'compute-engine': 'compute',
  bigquery: 'bigquery bigquerystorage bigquerydatatransfer',
  spanner: 'spanner',
  firestore: 'firestore',
  firebase: 'firebase firebaseadmin',
  pubsub: 'pubsub pubsublite',
  dataflow: 'dataflow',
  'vertex-ai': 'aiplatform vertexai vertex',
  'cloud-monitoring': 'monitoring logging cloudtrace',
  'cloud-dns': 'dns',
  'app-engine': 'appengine app',
  iam: 'iam iamcredentials projectiam serviceaccount',
  looker: 'looker',
};
const AZURE: Readonly<Record<string, string>> = {
  storage:
    'storage storageblob storagequeue storagefileshare storagefiledatalake datatables blob queue table file dfs blobs queues shares datalake',
  'sql-database': 'sql mssql sqldatabase mysql postgresql postgres database',
  'cosmos-db': 'cosmos cosmosdb documents mongocosmos',
  'app-service': 'appservice webapp linuxwebapp windowswebapp azurewebsites serviceplan appserviceplan staticwebapp',
  functions: 'functions functionapp linuxfunctionapp windowsfunctionapp',
  'kubernetes-service': 'aks kubernetes kubernetescluster azmk8s',
  'event-hubs': 'eventhub eventhubs servicebus messaging',
  'key-vault': 'keyvault keyvaultsecrets keyvaultkeys keyvaultcertificates vault',
  'communication-services': 'communication communicationemail communicationsms communicationservice',
  openai: 'openai cognitiveaccount',
  'virtual-machines': 'vm virtualmachine linuxvirtualmachine windowsvirtualmachine vmss cloudapp compute',
  'front-door': 'frontdoor cdn cdnfrontdoor',
  dns: 'dns dnszone dnsrecord',
  'entra-id': 'identity ad azuread msal msalbrowser msalnode msalreact',
  'resource-manager': 'resourcegroup resources armresources deployment group',
  devops: 'devops',
  'application-gateway': 'applicationgateway',
  'traffic-manager': 'trafficmanagerprofile',
  'virtual-desktop': 'virtualdesktop',
};

const COMPONENTS: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  aws: index(AWS),
  gcp: index(GCP),
  azure: index(AZURE),
};

function index(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(table).flatMap(([id, names]) => names.split(' ').map((name) => [name, id] as const)));
}

/** The catalogue's segment for what a cloud's tools call a component; undefined when the catalogue knows no such part. */
export function componentOf(provider: string, name: string): string | undefined {
  return COMPONENTS[provider]?.get(name.toLowerCase().replace(/[-_.]/g, ''));
}

export const AWS_REGION =
  /\b(?:us|eu|ap|ca|sa|me|af|il|mx|cn|us-gov)-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-[1-7]\b/;
const GCP_REGION =
  /\b(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-(?:north|south|east|west|central|northeast|southeast|southwest)\d{1,2}\b/;

/** `use1` of ElastiCache's names is `us-east-1`. */
function longRegion(short: string): string | undefined {
  const match = /^(us|eu|ap|ca|sa|me|af|il|mx)(ne|se|nw|sw|n|s|e|w|c)(\d)$/.exec(short);
  if (!match) return undefined;
  const compass: Readonly<Record<string, string>> = {
    n: 'north',
    s: 'south',
    e: 'east',
    w: 'west',
    c: 'central',
    ne: 'northeast',
    se: 'southeast',
    nw: 'northwest',
    sw: 'southwest',
  };
  return `${match[1]}-${compass[match[2]!]}-${match[3]}`;
}

/** Suffix → whose it is, where the catalogue's domains do not say it or say too little. Longest suffix first. */
const SUFFIXES: readonly (readonly [suffix: string, part: CloudPart])[] = (
  [
    ['cloudfront.net', { provider: 'aws', component: 'cloudfront' }],
    ['amazonses.com', { provider: 'aws', component: 'ses' }],
    ['public.ecr.aws', { provider: 'aws' }],
    ['elasticbeanstalk.com', { provider: 'aws', component: 'ec2' }],
    ['amplifyapp.com', { provider: 'aws' }],
    ['awsapprunner.com', { provider: 'aws' }],
    ['run.app', { provider: 'gcp', component: 'cloud-run' }],
    ['cloudfunctions.net', { provider: 'gcp', component: 'cloud-run' }],
    ['appspot.com', { provider: 'gcp', component: 'app-engine' }],
    ['firebaseio.com', { provider: 'gcp', component: 'firebase' }],
    ['firebaseapp.com', { provider: 'gcp', component: 'firebase' }],
    ['firebasedatabase.app', { provider: 'gcp', component: 'firebase' }],
    ['web.app', { provider: 'gcp', component: 'firebase' }],
    ['gcr.io', { provider: 'gcp' }],
    ['pkg.dev', { provider: 'gcp' }],
    ['gstatic.com', { provider: 'gcp' }],
    ['proxy.golang.org', { provider: 'gcp' }],
    ['core.windows.net', { provider: 'azure', component: 'storage' }],
    ['database.windows.net', { provider: 'azure', component: 'sql-database' }],
    ['database.azure.com', { provider: 'azure', component: 'sql-database' }],
    ['documents.azure.com', { provider: 'azure', component: 'cosmos-db' }],
    ['cosmos.azure.com', { provider: 'azure', component: 'cosmos-db' }],
    ['azurewebsites.net', { provider: 'azure', component: 'app-service' }],
    ['azurestaticapps.net', { provider: 'azure', component: 'app-service' }],
    ['servicebus.windows.net', { provider: 'azure', component: 'event-hubs' }],
    ['vault.azure.net', { provider: 'azure', component: 'key-vault' }],
    ['openai.azure.com', { provider: 'azure', component: 'openai' }],
    ['cloudapp.azure.com', { provider: 'azure', component: 'virtual-machines' }],
    ['azmk8s.io', { provider: 'azure', component: 'kubernetes-service' }],
    ['communication.azure.com', { provider: 'azure', component: 'communication-services' }],
    ['dev.azure.com', { provider: 'azure', component: 'devops' }],
    ['visualstudio.com', { provider: 'azure', component: 'devops' }],
    ['management.azure.com', { provider: 'azure', component: 'resource-manager' }],
    ['azurecr.io', { provider: 'azure' }],
    ['azurecontainerapps.io', { provider: 'azure' }],
    ['mcr.microsoft.com', { provider: 'azure' }],
    ['packages.microsoft.com', { provider: 'azure' }],
    ['cognitive.microsoft.com', { provider: 'azure' }],
    ['graph.microsoft.com', { provider: 'microsoft-365' }],
    ['r2.cloudflarestorage.com', { provider: 'cloudflare', component: 'r2' }],
    ['r2.dev', { provider: 'cloudflare', component: 'r2' }],
    ['workers.dev', { provider: 'cloudflare', component: 'workers' }],
    ['pages.dev', { provider: 'cloudflare', component: 'pages' }],
    ['challenges.cloudflare.com', { provider: 'cloudflare', component: 'turnstile' }],
    ['imagedelivery.net', { provider: 'cloudflare', component: 'images' }],
    ['videodelivery.net', { provider: 'cloudflare', component: 'stream' }],
    ['digitaloceanspaces.com', { provider: 'digitalocean', component: 'spaces' }],
    ['ondigitalocean.app', { provider: 'digitalocean', component: 'app-platform' }],
    ['your-objectstorage.com', { provider: 'hetzner' }],
    ['your-storagebox.de', { provider: 'hetzner' }],
    ['cloud.ovh.net', { provider: 'ovhcloud' }],
    ['oraclecloud.com', { provider: 'oracle-cloud' }],
    ['ghcr.io', { provider: 'github' }],
    ['api.githubcopilot.com', { provider: 'github', component: 'copilot' }],
    ['github.io', { provider: 'github', component: 'pages' }],
    ['repo.maven.apache.org', { provider: 'maven-central' }],
    ['repo1.maven.org', { provider: 'maven-central' }],
    ['fcm.googleapis.com', { provider: 'firebase-cloud-messaging' }],
    ['maps.googleapis.com', { provider: 'google-maps-platform' }],
    ['oauth2.googleapis.com', { provider: 'google-identity' }],
    ['generativelanguage.googleapis.com', { provider: 'gemini' }],
    ['static.crates.io', { provider: 'crates-io' }],
    ['gravatar.com', { provider: 'wordpress-com' }],
    ['packagist.com', { provider: 'packagist' }],
    ['betterstack.com', { provider: 'better-stack' }],
  ] as [string, CloudPart][]
).sort(([a], [b]) => b.length - a.length);

/** What a cloud's host says about itself; null when no cloud has such names. A wildcard's `*.` may stand before it. */
export function cloudOf(host: string): CloudPart | null {
  const labels = host.split('.');
  if (/(?:^|\.)(?:amazonaws\.com(?:\.cn)?|on\.aws|amazoncognito\.com|api\.aws)$/.test(host)) return awsHost(labels);
  if (host.endsWith('.googleapis.com')) {
    const name = labels.at(-3) ?? '';
    const region = GCP_REGION.exec(host)?.[0];
    const own = SUFFIXES.find(([suffix]) => host === suffix);
    if (own) return own[1];
    return part('gcp', componentOf('gcp', region ? name.slice(region.length) : name), region);
  }
  const known = SUFFIXES.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`));
  if (!known) return null;
  const [suffix, { provider, component }] = known;
  return part(provider, component, regionIn(provider, labels.slice(0, -suffix.split('.').length)));
}

function awsHost(labels: readonly string[]): CloudPart {
  let region: string | undefined;
  let component: string | undefined;
  // The owner's part may be called anything; the service stands near the end.
  for (const label of labels.slice(0, -1).reverse()) {
    const found = AWS_REGION.exec(label)?.[0] ?? longRegion(label);
    if (found !== undefined) region ??= found;
    const name = found !== undefined && label !== found ? label.replace(`-${found}`, '') : label;
    if (component === undefined && label !== 'amazonaws' && label !== 'com' && label !== 'on' && label !== 'api')
      component = componentOf('aws', name === 'lambda-url' ? 'lambda' : name);
  }
  if (labels.includes('amazoncognito')) component = 'cognito';
  return part('aws', component, region);
}

function regionIn(provider: string, labels: readonly string[]): string | undefined {
  for (const label of labels) {
    if (provider === 'gcp') {
      const found = GCP_REGION.exec(label)?.[0];
      if (found !== undefined) return found;
    } else if (
      provider === 'azure' ? /^[a-z]+(?:[23])?$/.test(label) && AZURE_REGION.test(label) : REGION_LABEL.test(label)
    )
      return label;
  }
  return undefined;
}

const AZURE_REGION =
  /^(?:(?:north|south|west|east|central|southcentral|northcentral|westcentral|southeast)+(?:us|europe|asia|india)|(?:east|west|central)us[23]?|uk(?:south|west)|canada(?:central|east)|(?:france|poland|sweden|mexico|qatar|israel|spain|italy|korea|japan|australia|germany|switzerland|norway|uae|brazil|southafrica|newzealand)[a-z]*)\d?$/;
/** Regions as DigitalOcean, Hetzner, OVHcloud and Oracle write them; the catalogue decides whether there is one. */
const REGION_LABEL = /^(?:[a-z]{3}\d?|[a-z]{2}-[a-z]+-\d)$/;

/** Region names that people write with capitals and spaces: `UK South`, `West Europe`. */
export function regionName(provider: string, written: string): string {
  const text = written.trim().toLowerCase();
  if (provider === 'azure') return text.replace(/\s+/g, '');
  // A zone lies in its region: eu-west-1a, europe-west1-b.
  if (provider === 'aws') return AWS_REGION.exec(text.replace(/(\d)[a-f]$/, '$1'))?.[0] ?? text;
  return provider === 'gcp'
    ? (GCP_REGION.exec(text)?.[0] ?? text)
    : text.replace(/^(fsn1|nbg1|hel1|ash|hil|sin)-dc\d+$/, '$1');
}

function part(provider: string, component?: string, region?: string): CloudPart {
  return { provider, ...(component === undefined ? {} : { component }), ...(region === undefined ? {} : { region }) };
}
