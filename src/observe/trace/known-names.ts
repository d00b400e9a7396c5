// What host names give away, by suffix: whose name servers, mail servers, CDNs and platforms they are. A short table of our own,
// collected from the pages named below; the domains of the catalogue are asked where it is silent. Data only.

/**
 * How a name is used when an alias leads to it. `cdn` and `platform` stand in front of what they serve: the addresses behind such
 * a name are theirs and say nothing about the service. `cloud` is a place to run things: its addresses do.
 */
export type NameRole = 'cdn' | 'platform' | 'cloud' | 'dns';

export interface KnownName {
  /** Catalogue id, or a plain name of what the catalogue lacks. */
  readonly on: string;
  readonly role: NameRole;
  readonly suffixes: readonly string[];
}

/** Targets of aliases. Each provider's own documentation on custom domains, as of November 2026. */
export const ALIASES: readonly KnownName[] = [
  { on: 'aws/cloudfront', role: 'cdn', suffixes: ['cloudfront.net'] },
  {
    on: 'akamai/cdn',
    role: 'cdn',
    suffixes: [
      'edgekey.net',
      'edgesuite.net',
      'akamaiedge.net',
      'akamaized.net',
      'akamaihd.net',
      'akamaitechnologies.com',
      'akamai.net',
      'akadns.net',
      'akamaiedge-staging.net',
      'edgekey-staging.net',
      'edgesuite-staging.net',
      'srip.net',
      'tl88.net',
    ],
  },
  { on: 'fastly/cdn', role: 'cdn', suffixes: ['fastly.net', 'fastlylb.net', 'fastly-edge.com', 'fastly.com'] },
  { on: 'cloudflare/cdn', role: 'cdn', suffixes: ['cloudflare.net', 'cloudflare.com'] },
  { on: 'cloudflare/pages', role: 'platform', suffixes: ['pages.dev'] },
  { on: 'cloudflare/workers', role: 'platform', suffixes: ['workers.dev'] },
  { on: 'azure/front-door', role: 'cdn', suffixes: ['azurefd.net', 'azureedge.net', 't-msedge.net', 'a-msedge.net'] },
  {
    on: 'edgio',
    role: 'cdn',
    suffixes: ['edgecastcdn.net', 'systemcdn.net', 'transactcdn.net', 'llnwd.net', 'lldns.net'],
  },
  {
    on: 'edgio',
    role: 'cdn',
    suffixes: ['llnwi.net', 'llnw.net', 'v0cdn.net', 'v1cdn.net', 'v2cdn.net', 'v3cdn.net'],
  },
  { on: 'edgio', role: 'cdn', suffixes: ['v4cdn.net', 'v5cdn.net', 'alphacdn.net', 'betacdn.net', 'gammacdn.net'] },
  { on: 'imperva', role: 'cdn', suffixes: ['incapdns.net', 'impervadns.net'] },
  { on: 'bunny', role: 'cdn', suffixes: ['b-cdn.net', 'bunnycdn.com'] },
  { on: 'cdn77', role: 'cdn', suffixes: ['cdn77.org', 'cdn77.net', 'rsc.cdn77.org'] },
  { on: 'cachefly', role: 'cdn', suffixes: ['cachefly.net'] },
  { on: 'gcore', role: 'cdn', suffixes: ['gcdn.co', 'gcdn.net', 'gcorelabs.com'] },
  { on: 'keycdn', role: 'cdn', suffixes: ['kxcdn.com'] },
  { on: 'jsdelivr', role: 'cdn', suffixes: ['jsdelivr.net'] },
  {
    on: 'cdnetworks',
    role: 'cdn',
    suffixes: ['cdngc.net', 'gccdn.net', 'gccdn.cn', 'panthercdn.com', 'cdnga.net', 'cdnetworks.net', 'cdnetdns.net'],
  },
  // Wangsu, which calls itself ChinaNetCenter and, abroad, Quantil.
  {
    on: 'wangsu',
    role: 'cdn',
    suffixes: ['wscdns.com', 'wscloudcdn.com', 'lxdns.com', 'speedcdns.com', 'mwcloudcdn.com'],
  },
  { on: 'wangsu', role: 'cdn', suffixes: ['ourwebpic.com', 'chinanetcenter.com', 'wsdvs.com', 'wsglb0.com'] },
  {
    on: 'alibaba-cloud',
    role: 'cdn',
    suffixes: ['alikunlun.com', 'kunlunar.com', 'kunlunca.com', 'kunlunsl.com', 'tbcache.com'],
  },
  { on: 'alibaba-cloud', role: 'cdn', suffixes: ['cdngslb.com', 'alicdn.com', 'aliyuncs.com'] },
  {
    on: 'tencent-cloud',
    role: 'cdn',
    suffixes: ['cdntip.com', 'dnsv1.com', 'qcloudcdn.com', 'tdnsv5.com', 'cdn.dnsv1.com'],
  },
  { on: 'baidu-cdn', role: 'cdn', suffixes: ['jomodns.com', 'yunjiasu-cdn.net', 'bdydns.com', 'bdydns.cn'] },
  { on: 'qiniu', role: 'cdn', suffixes: ['qiniudns.com', 'qbox.me', 'qiniucdn.com'] },
  {
    on: 'chinacache',
    role: 'cdn',
    suffixes: ['ccgslb.com', 'ccgslb.net', 'c3cache.net', 'chinacache.net', 'c3cdn.net', 'ccgslb.com.cn'],
  },
  { on: 'stackpath', role: 'cdn', suffixes: ['stackpathdns.com', 'stackpathcdn.com', 'hwcdn.net', 'netdna-cdn.com'] },
  { on: 'stackpath', role: 'cdn', suffixes: ['netdna-ssl.com', 'netdna.com', 'simplecdn.net'] },
  { on: 'lumen-cdn', role: 'cdn', suffixes: ['footprint.net', 'fpbns.net'] },
  { on: 'sucuri', role: 'cdn', suffixes: ['sucuri.net', 'sucuridns.com'] },
  { on: 'azion', role: 'cdn', suffixes: ['azioncdn.net', 'azioncdn.com', 'azionedge.net', 'azion.net'] },
  { on: 'medianova', role: 'cdn', suffixes: ['mncdn.com', 'mncdn.net', 'mncdn.org'] },
  { on: 'arvancloud', role: 'cdn', suffixes: ['arvancdn.ir', 'arvancdn.com', 'arvancloud.ir', 'arvancloud.ru'] },
  { on: 'ngenix', role: 'cdn', suffixes: ['ngenix.net'] },
  { on: 'yottaa', role: 'cdn', suffixes: ['yottaa.net'] },
  { on: 'section', role: 'cdn', suffixes: ['section.io', 'squixa.net'] },
  { on: 'instart', role: 'cdn', suffixes: ['insnw.net', 'inscname.net'] },
  { on: 'internap', role: 'cdn', suffixes: ['internapcdn.net'] },
  { on: 'leaseweb', role: 'cdn', suffixes: ['lswcdn.net'] },
  { on: 'zenedge', role: 'cdn', suffixes: ['zenedge.net'] },
  { on: 'belugacdn', role: 'cdn', suffixes: ['belugacdn.com', 'belugacdn.link'] },
  { on: 'swiftcdn', role: 'cdn', suffixes: ['swiftcdn1.com'] },
  { on: 'swiftserve', role: 'cdn', suffixes: ['swiftserve.com'] },
  { on: 'worldcdn', role: 'cdn', suffixes: ['worldcdn.net', 'worldssl.net', 'r.cdnsun.net', 'cdnsun.net'] },
  { on: 'reflected', role: 'cdn', suffixes: ['rncdn1.com', 'rncdn7.com'] },
  {
    on: 'vercel',
    role: 'platform',
    suffixes: ['vercel-dns.com', 'vercel-dns-017.com', 'vercel.app', 'now.sh', 'zeit.co'],
  },
  {
    on: 'netlify',
    role: 'platform',
    suffixes: ['netlify.app', 'netlify.com', 'netlifyglobalcdn.com', 'bitballoon.com'],
  },
  { on: 'heroku', role: 'platform', suffixes: ['herokudns.com', 'herokuapp.com', 'herokussl.com', 'heroku.com'] },
  { on: 'render', role: 'platform', suffixes: ['onrender.com', 'render.com'] },
  { on: 'fly-io', role: 'platform', suffixes: ['fly.dev', 'fly.io', 'edgeapp.net'] },
  { on: 'railway', role: 'platform', suffixes: ['railway.app', 'railway.com', 'rlwy.net'] },
  { on: 'github/pages', role: 'platform', suffixes: ['github.io'] },
  { on: 'gitlab', role: 'platform', suffixes: ['gitlab.io'] },
  { on: 'shopify', role: 'platform', suffixes: ['myshopify.com', 'shopify.com'] },
  { on: 'squarespace', role: 'platform', suffixes: ['squarespace.com', 'squarespace.net'] },
  { on: 'wix', role: 'platform', suffixes: ['wixdns.net', 'wixsite.com', 'parastorage.com', 'wix.com'] },
  { on: 'webflow', role: 'platform', suffixes: ['webflow.com', 'webflow.io'] },
  { on: 'wordpress-com', role: 'platform', suffixes: ['wordpress.com', 'wp.com', 'wpengine.com', 'automattic.net'] },
  { on: 'statuspage', role: 'platform', suffixes: ['stspg-customer.com', 'statuspage.io'] },
  { on: 'zendesk', role: 'platform', suffixes: ['zendesk.com', 'ssl.zendesk.com'] },
  { on: 'hubspot', role: 'platform', suffixes: ['hubspot.net', 'hs-sites.com', 'hubspotpagebuilder.com'] },
  {
    on: 'salesforce',
    role: 'platform',
    suffixes: ['force.com', 'siteforce.com', 'exacttarget.com', 'salesforce.com'],
  },
  { on: 'digitalocean/app-platform', role: 'platform', suffixes: ['ondigitalocean.app'] },
  { on: 'azure/traffic-manager', role: 'dns', suffixes: ['trafficmanager.net', 'azure-tm.net'] },
  { on: 'azure/app-service', role: 'cloud', suffixes: ['azurewebsites.net'] },
  { on: 'azure/storage', role: 'cloud', suffixes: ['core.windows.net'] },
  { on: 'gcp/cloud-run', role: 'cloud', suffixes: ['run.app'] },
  { on: 'gcp/app-engine', role: 'cloud', suffixes: ['appspot.com'] },
  { on: 'gcp', role: 'cloud', suffixes: ['googlehosted.com', 'l.google.com'] },
  { on: 'gcp/cloud-storage', role: 'cloud', suffixes: ['storage.googleapis.com'] },
  { on: 'digitalocean/spaces', role: 'cloud', suffixes: ['digitaloceanspaces.com'] },
  { on: 'linode', role: 'cloud', suffixes: ['linodeobjects.com', 'linodeusercontent.com', 'members.linode.com'] },
  { on: 'aws/global-accelerator', role: 'platform', suffixes: ['awsglobalaccelerator.com'] },
  { on: 'aws', role: 'cloud', suffixes: ['amazonaws.com', 'amazonaws.com.cn', 'elasticbeanstalk.com'] },
  {
    on: 'azure',
    role: 'cloud',
    suffixes: ['cloudapp.net', 'cloudapp.azure.com', 'azure-api.net', 'azurecontainer.io'],
  },
];

/**
 * Names of a cloud that say where they are: what is caught is the region, `component` what runs there.
 * https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
 */
export const PLACED: readonly { readonly pattern: RegExp; readonly provider: string; readonly component?: string }[] =
  [
    {
      pattern: /(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d)\.elb\.amazonaws\.com(?:\.cn)?$/,
      provider: 'aws',
      component: 'elb',
    },
    {
      pattern: /(?:^|\.)elb\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/,
      provider: 'aws',
      component: 'elb',
    },
    {
      pattern: /(?:^|\.)execute-api\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$/,
      provider: 'aws',
      component: 'apigateway',
    },
    {
      pattern: /(?:^|\.)s3(?:-website)?[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/,
      provider: 'aws',
      component: 's3',
    },
    { pattern: /(?:^|\.)lambda-url\.([a-z]{2}(?:-[a-z]+)+-\d)\.on\.aws$/, provider: 'aws', component: 'lambda' },
    { pattern: /\.([a-z]{2}(?:-[a-z]+)+-\d)\.compute\.amazonaws\.com(?:\.cn)?$/, provider: 'aws', component: 'ec2' },
    { pattern: /\.compute-1\.amazonaws\.com$/, provider: 'aws', component: 'ec2' },
    { pattern: /(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d)\.elasticbeanstalk\.com$/, provider: 'aws' },
    { pattern: /(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d)(?:\.on\.aws|\.amazonaws\.com(?:\.cn)?)$/, provider: 'aws' },
    { pattern: /(?:^|\.)([a-z]+\d?)\.cloudapp\.azure\.com$/, provider: 'azure' },
    { pattern: /(?:^|\.)([a-z]+\d?)\.azurecontainer\.io$/, provider: 'azure' },
    {
      pattern: /(?:^|\.)(nyc3|sfo3|ams3|fra1|lon1|sgp1|blr1|tor1|syd1)\.digitaloceanspaces\.com$/,
      provider: 'digitalocean',
    },
  ];

/** Name servers. */
export const NAME_SERVERS: readonly { readonly on: string; readonly suffixes: readonly string[] }[] = [
  { on: 'azure/dns', suffixes: ['azure-dns.com', 'azure-dns.net', 'azure-dns.org', 'azure-dns.info'] },
  {
    on: 'cloudflare/dns',
    suffixes: ['cloudflare.com', 'cloudflare.net', 'foundationdns.com', 'foundationdns.net', 'foundationdns.org'],
  },
  { on: 'gcp/cloud-dns', suffixes: ['googledomains.com'] },
  { on: 'akamai/edge-dns', suffixes: ['akam.net', 'akamaiedge.net', 'akamai.net', 'akamaistream.net', 'akadns.net'] },
  { on: 'ns1', suffixes: ['nsone.net', 'ns1.com', 'ns1global.net', 'ns1global.org'] },
  { on: 'dyn/managed-dns', suffixes: ['dynect.net', 'dyndns.com'] },
  {
    on: 'ultradns',
    suffixes: ['ultradns.com', 'ultradns.net', 'ultradns.org', 'ultradns.info', 'ultradns.biz', 'ultradns.co.uk'],
  },
  {
    on: 'ultradns',
    suffixes: ['ultradns2.com', 'ultradns2.net', 'ultradns2.org', 'ultradns2.biz', 'ultradns2.info'],
  },
  {
    on: 'dnsimple',
    suffixes: ['dnsimple.com', 'dnsimple-edge.net', 'dnsimple-edge.org', 'dnsimple-edge.io', 'dnsimple-edge.com'],
  },
  { on: 'godaddy-dns', suffixes: ['domaincontrol.com', 'akam.godaddy.com'] },
  { on: 'namecheap-dns', suffixes: ['registrar-servers.com', 'namecheaphosting.com'] },
  { on: 'dnsmadeeasy', suffixes: ['dnsmadeeasy.com', 'constellix.com', 'constellix.net'] },
  { on: 'cloudns', suffixes: ['cloudns.net', 'cloudns.uk'] },
  { on: 'gandi', suffixes: ['gandi.net'] },
  { on: 'verisign', suffixes: ['verisigndns.com'] },
  { on: 'vercel', suffixes: ['vercel-dns.com', 'zeit.world'] },
  { on: 'wix', suffixes: ['wixdns.net'] },
  { on: 'squarespace', suffixes: ['squarespacedns.com'] },
  { on: 'wordpress-com', suffixes: ['wordpress.com', 'automattic.com'] },
  { on: 'bunny', suffixes: ['bunny.net'] },
  {
    on: 'hetzner',
    suffixes: ['hetzner.com', 'hetzner.de', 'first-ns.de', 'second-ns.de', 'second-ns.com', 'your-server.de'],
  },
  { on: 'ovhcloud', suffixes: ['ovh.net', 'ovh.ca', 'anycast.me'] },
  { on: 'digitalocean', suffixes: ['digitalocean.com'] },
  { on: 'linode', suffixes: ['linode.com'] },
  { on: 'vultr', suffixes: ['vultr.com'] },
  {
    on: 'ionos',
    suffixes: ['ui-dns.com', 'ui-dns.de', 'ui-dns.org', 'ui-dns.biz', '1and1.com', '1and1.org', 'kundenserver.de'],
  },
  { on: 'scaleway', suffixes: ['scw.cloud', 'online.net'] },
  { on: 'rackspace', suffixes: ['stabletransit.com', 'rackspace.com'] },
  { on: 'ibm-cloud', suffixes: ['softlayer.com', 'softlayer.net', 'networklayer.com'] },
  { on: 'oracle-cloud', suffixes: ['oraclecloud.net', 'dns.oraclecloud.net'] },
  { on: 'alibaba-cloud', suffixes: ['alidns.com', 'hichina.com', 'taobao.com'] },
  { on: 'tencent-cloud', suffixes: ['dnspod.net', 'dnsv5.com', 'dnspod.com'] },
  {
    on: 'huawei-cloud',
    suffixes: ['huaweicloud-dns.com', 'huaweicloud-dns.net', 'huaweicloud-dns.org', 'huaweicloud-dns.cn'],
  },
  { on: 'yandex-cloud', suffixes: ['yandexcloud.net'] },
];

/** Route 53 spreads its servers over four endings: ns-2048.awsdns-64.com, .net, .org, .co.uk. */
export const ROUTE53 = /(?:^|\.)awsdns-(?:cn-)?\d+\.(?:com|net|org|co\.uk|cn|biz)$/;

/** Mail servers. */
export const MAIL_SERVERS: readonly { readonly on: string; readonly suffixes: readonly string[] }[] = [
  { on: 'google-workspace', suffixes: ['google.com', 'googlemail.com', 'psmtp.com'] },
  {
    on: 'exchange-online',
    suffixes: ['mail.protection.outlook.com', 'mx.microsoft', 'outlook.com', 'mail.eo.outlook.com'],
  },
  { on: 'proofpoint', suffixes: ['pphosted.com', 'ppe-hosted.com', 'gpphosted.com'] },
  { on: 'mimecast', suffixes: ['mimecast.com', 'mimecast.co.za', 'mimecast-offshore.com'] },
  { on: 'aws/ses', suffixes: ['amazonaws.com', 'amazonses.com', 'awsapps.com'] },
  { on: 'mailgun', suffixes: ['mailgun.org'] },
  { on: 'sendgrid', suffixes: ['sendgrid.net'] },
  { on: 'godaddy', suffixes: ['secureserver.net'] },
  { on: 'rackspace', suffixes: ['emailsrvr.com'] },
  { on: 'gandi', suffixes: ['gandi.net'] },
  { on: 'ovhcloud', suffixes: ['ovh.net', 'ovh.ca'] },
  { on: 'ionos', suffixes: ['kundenserver.de', '1and1.com', 'ionos.com', 'ionos.co.uk', 'perfora.net'] },
  { on: 'hetzner', suffixes: ['your-server.de'] },
  { on: 'trend-micro', suffixes: ['trendmicro.com', 'trendmicro.eu'] },
  { on: 'sophos', suffixes: ['hydra.sophos.com', 'sophos.com'] },
];

/** Response headers of edge networks and platforms: name, what its value must be like, whose it is. */
export const HEADERS: readonly {
  readonly header: string;
  readonly value: RegExp;
  readonly on: string;
  readonly role: NameRole;
}[] = [
  { header: 'cf-ray', value: /^[0-9a-f]{8,}/, on: 'cloudflare/cdn', role: 'cdn' },
  { header: 'x-amz-cf-id', value: /./, on: 'aws/cloudfront', role: 'cdn' },
  { header: 'x-served-by', value: /^cache-[a-z]/, on: 'fastly/cdn', role: 'cdn' },
  { header: 'x-fastly-request-id', value: /./, on: 'fastly/cdn', role: 'cdn' },
  { header: 'server', value: /^AkamaiGHost|^AkamaiNetStorage/i, on: 'akamai/cdn', role: 'cdn' },
  { header: 'x-akamai-transformed', value: /./, on: 'akamai/cdn', role: 'cdn' },
  { header: 'akamai-grn', value: /./, on: 'akamai/cdn', role: 'cdn' },
  { header: 'x-azure-ref', value: /./, on: 'azure/front-door', role: 'cdn' },
  { header: 'x-iinfo', value: /./, on: 'imperva', role: 'cdn' },
  { header: 'x-cdn', value: /imperva|incapsula/i, on: 'imperva', role: 'cdn' },
  { header: 'server', value: /^BunnyCDN/i, on: 'bunny', role: 'cdn' },
  { header: 'server', value: /^keycdn/i, on: 'keycdn', role: 'cdn' },
  { header: 'x-77-nzt', value: /./, on: 'cdn77', role: 'cdn' },
  { header: 'server', value: /^(?:ECAcc|ECS|ECD) ?\(/, on: 'edgio', role: 'cdn' },
  { header: 'x-sucuri-id', value: /./, on: 'sucuri', role: 'cdn' },
  { header: 'x-vercel-id', value: /./, on: 'vercel', role: 'platform' },
  { header: 'x-nf-request-id', value: /./, on: 'netlify', role: 'platform' },
  { header: 'fly-request-id', value: /./, on: 'fly-io', role: 'platform' },
  { header: 'x-railway-edge', value: /./, on: 'railway', role: 'platform' },
  { header: 'rndr-id', value: /./, on: 'render', role: 'platform' },
  { header: 'via', value: /\bvegur\b|heroku-router/i, on: 'heroku', role: 'platform' },
  { header: 'x-github-request-id', value: /./, on: 'github/pages', role: 'platform' },
  { header: 'x-shopid', value: /./, on: 'shopify', role: 'platform' },
  { header: 'x-wix-request-id', value: /./, on: 'wix', role: 'platform' },
  { header: 'server', value: /^Squarespace/i, on: 'squarespace', role: 'platform' },
];

/** Organisations as certificates name them; the first that the issuer's name begins with. CCADB, November 2026. */
export const AUTHORITIES: readonly (readonly [name: string, on: string])[] = [
  ["let's encrypt", 'letsencrypt'],
  ['internet security research group', 'letsencrypt'],
  ['digicert', 'digicert'],
  ['geotrust', 'digicert'],
  ['thawte', 'digicert'],
  ['rapidssl', 'digicert'],
  ['google trust services', 'google-trust-services'],
  ['amazon', 'amazon-trust-services'],
  ['sectigo', 'sectigo'],
  ['comodo', 'sectigo'],
  ['globalsign', 'globalsign'],
  ['entrust', 'entrust'],
  ['zerossl', 'zerossl'],
  ['ssl corporation', 'ssl-com'],
  ['ssl corp', 'ssl-com'],
  ['buypass', 'buypass'],
  ['identrust', 'identrust'],
  ['asseco data systems', 'certum'],
  ['unizeto', 'certum'],
  ['certum', 'certum'],
  ['hellenic academic and research institutions', 'harica'],
  ['greek universities network', 'harica'],
];

/** Autonomous systems of providers in the catalogue; PeeringDB, November 2026. */
export const NETWORKS: Readonly<Record<number, string>> = {
  16509: 'aws',
  14618: 'aws',
  8075: 'azure',
  15169: 'gcp',
  396982: 'gcp',
  13335: 'cloudflare',
  54113: 'fastly',
  20940: 'akamai',
  16625: 'akamai',
  63949: 'linode',
  14061: 'digitalocean',
  31898: 'oracle-cloud',
  16276: 'ovhcloud',
  24940: 'hetzner',
  213230: 'hetzner',
  12876: 'scaleway',
  8560: 'ionos',
  20473: 'vultr',
  60781: 'leaseweb',
  30633: 'leaseweb',
  36351: 'ibm-cloud',
  45102: 'alibaba-cloud',
  37963: 'alibaba-cloud',
  132203: 'tencent-cloud',
  45090: 'tencent-cloud',
  136907: 'huawei-cloud',
  200350: 'yandex-cloud',
  61098: 'exoscale',
  7684: 'sakura-internet',
  9370: 'sakura-internet',
  202053: 'upcloud',
  32934: 'meta',
  33070: 'rackspace',
  19994: 'rackspace',
};

/** Who keeps names that nobody uses: as name servers, as targets of aliases and redirects, as hosts of scripts. */
export const PARKED: readonly string[] = [
  'sedoparking.com',
  'sedo.com',
  'parkingcrew.net',
  'parkingcrew.com',
  'bodis.com',
  'bodiscdn.com',
  'above.com',
  'parklogic.com',
  'dan.com',
  'undeveloped.com',
  'afternic.com',
  'namefind.com',
  'hugedomains.com',
  'cashparking.com',
  'smartname.com',
  'uniregistrymarket.link',
  'ztomy.com',
  'voodoo.com',
  'rookdns.com',
  'dsredirection.com',
  'fabulous.com',
  'eftydns.com',
  'parkingpage.namecheap.com',
  'parking.reg.ru',
  'park-mx.above.com',
];

/** Pages made for parked names load one of these. */
export const PARKED_SCRIPTS: readonly RegExp[] = [/\/adsense\/domains\/caf\.js/, /parking-lander/, /\/parking\//];
