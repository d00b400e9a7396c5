// Word lists of the guard, written by hand from general knowledge of how such addresses and messages are worded: no list
// here was taken or counted from a collection of scams. Lower case; host words without hyphens.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Words that make a name sound like the place where one signs in, pays, or gets help. */
export const LURES: Readonly<Record<string, ReadonlySet<string>>> = {
  signin:
    words(`account accounts acct login logins logon signin signon sso auth oauth authenticate authentication verify verification verif validate
    validation connect connexion webmail cuenta iniciar sesion acceso konto anmelden anmeldung compte accesso conta entrar inloggen giris masuk`),
  account:
    words(`acc sign log verified verifications confirm confirmation identity password passwort passcode otp secure secured security safe safety protect protection unlock recover recovery restore update updates updated upgrade reactivate activate activation
    session portal online user users member members profile mypage mail email mailbox owa inbox access seguro seguridad verificar sicherheit bestaetigen kunde kunden client clients securite
    identifiant cliente clienti sicurezza id`),
  money:
    words(`pay payment payments paying billing bill bills invoice invoices refund refunds rebate refound compensation compensate credit
    cashback cash bonus gift gifts giftcard card cards reward rewards prize prizes win winner promo promotion offer offers discount discounts deal deals free claim claims claiming
    voucher coupon coupons wallet wallets bank banking transfer transaction fee fees tax tariff fine toll debt loan airdrop airdrops mint presale staking stake swap
    bridge token tokens nft nfts dapp defi coin crypto exchange trade trading tradeoffer invest profit earn drop drops claimed
    pago pagos factura rimborso rechnung zahlung remboursement facture pagamento paiement robux vbucks nitro skins skin
    mall malls merchant merchants wholesale seller sellers sell buy buyer vip premium dex p2p giveaway giveaways giftcode`),
  help: words(`support supports supporting help helpdesk helpcenter helpline desk center centre service services serv customer customers customercare care contact
    assist assistance assistant agent team official officials chat livechat hotline resolve resolution case cases appeal appeals copyright violation violations
    report alert alerts warning notice notification notifications notify info policy review request ticket tickets
    suporte soporte ayuda ajuda hilfe aide assistenza dienst hilfecenter business meta-business ads adsmanager manager`),
  outage:
    words(`outage outages down downtime status fix fixes fixed hotfix patch remediation restoration incident bluescreen bsod
    recovertool repair repairs lawsuit classaction zeroday helpline disruption compensationclaim rebates`),
  delivery:
    words(`delivery deliver delivered parcel parcels package packages packet track tracking trackings shipment shipping ship post
    postal redelivery redeliver reschedule courier customs usps colis paket paquete pacco sendung tracker express logistics livraison envio entrega`),
  app: words(`app apps apk apks mod mods premium application download downloads install installer setup desktop mobile web www cdn live start begin getting suite bridge
    launch page home site en us eu uk de jp io com net org cn co gov learn get go my the new now try use join invite link links m h5 wap
    index main dev test demo clone staging preview view open file files doc docs document documents share shared cloud drive pdf sheet voice fax`),
};

/** Words of those who write about a firm, or build on it: news, fans, developers, careers. */
export const ABOUT =
  words(`news blog blogs blogger forum forums fan fans guide guides trophies lifestyle life tips developer developers dev devs insider insiders
  tutorial tutorials styleguide docs api apis sdk cli bot bots stats statistics status statuses insights contributions contributors wiki history review reviews comparison
  proxy unblock alternative alternatives killedby without idonthave delete people careers jobs conference summit podcast magazine watch trends
  hat studio arsenal geeks engine engines tennis football tv radio hotel hotels travel reservation reservations school university k12 enterprise`);

/** Everyday words and names in which a brand's letters happen to stand: they are read as themselves. */
export const BYSTANDERS: readonly string[] =
  `revolution revolutions revolutionary evolution finance finances refinance internet broadband telegraph opensearch openair openapi overdrive solutions express
  messenger livestream lineup lineage online airline airlines pipeline deadline headline timeline guideline billboard scotland october oktober oktoberfest
  static statics bayarea thebay piratebay`
    .trim()
    .split(/\s+/);

const kinds: Map<string, string> = new Map();
for (const [kind, set] of Object.entries(LURES)) for (const word of set) if (!kinds.has(word)) kinds.set(word, kind);
/** Which kind of lure a word is, or undefined. */
export function lureKind(word: string): string | undefined {
  return kinds.get(word);
}

const everyday = new Set(BYSTANDERS);
/** A word that says nothing about who is meant. */
export function isEveryday(word: string): boolean {
  return word.length >= 3 && (kinds.has(word) || COMMON.has(word) || everyday.has(word));
}

/** Suffixes under which anyone can publish within minutes, beside those of the Public Suffix List's private section. */
export const HOSTING =
  words(`webflow.io square.site weebly.com weeblysite.com wixsite.com wixstudio.com wixstudio.io framer.website framer.app
  framer.ai framer.media framer.photos framer.wiki gitbook.io gitbook.com mystrikingly.com strikingly.com godaddysites.com glitch.me repl.co replit.app replit.dev
  000webhostapp.com blogspot.com wordpress.com tumblr.com jimdosite.com jimdofree.com webnode.page webnode.com yolasite.com site123.me
  carrd.co notion.site notion.so typedream.app surge.sh onrender.com render.com herokuapp.com fly.dev railway.app up.railway.app deno.dev
  codeanyapp.com ngrok.io ngrok.app ngrok-free.app trycloudflare.com workers.dev pages.dev r2.dev vercel.app now.sh netlify.app netlify.com
  web.app firebaseapp.com appspot.com run.app cloudfunctions.net translate.goog sites.google.com docs.google.com forms.gle drive.google.com storage.googleapis.com
  script.google.com github.io githubusercontent.com gitlab.io bitbucket.io azurewebsites.net azureedge.net windows.net azurestaticapps.net
  azurefd.net cloudapp.azure.com onmicrosoft.com sharepoint.com 1drv.ms onedrive.live.com forms.office.com powerappsportals.com amazonaws.com
  cloudfront.net amplifyapp.com elasticbeanstalk.com awsapprunner.com on.aws digitaloceanspaces.com ondigitalocean.app linodeobjects.com backblazeb2.com
  myshopify.com ipfs.io dweb.link cloudflare-ipfs.com nftstorage.link w3s.link ipfs.dweb.link telegra.ph linktr.ee bio.link beacons.ai lnk.bio
  typeform.com jotform.com formstack.com zohopublic.com zohosites.com surveymonkey.com duckdns.org ddns.net no-ip.org noip.com hopto.org zapto.org sytes.net myftp.org
  serveo.net dynv6.net dynu.net mybluehost.me cprapid.com cpanel.site plesk.page hostingersite.com myfreesites.net ukit.me ucraft.site
  my.id web.id biz.id sa.com ru.com za.com uk.com us.com eu.com de.com br.com jpn.com cn.com in.net co.com se.net gb.net
  wasmer.app lovable.app bolt.host base44.app softr.app bubbleapps.io webwave.dev tilda.ws rollout.site edgeone.app zeabur.app teachable.com
  contentful.com dropboxusercontent.com icloud-content.com bitballoon.com aweb.page swtest.ru tempurl.host w3spaces.com htmlpasta.com neocities.org`);

/** Places that forward to anywhere: neither good nor bad, and never a place to trust a name at. */
export const SHORTENERS =
  words(`bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy t.ly tiny.cc s.id
  lnkd.in v.gd bl.ink soo.gd adf.ly shorte.st qr.ae qrco.de urlz.fr l.ead.me linkr.it x.gd clck.ru u.to kutt.it surl.li n9.cl
  did.li t.me/s me2.kr han.gl reurl.cc ppt.cc lihi.cc dub.sh tinyurl.is short.gy rebrandly.com bitly.ws 2no.co iplogger.org grabify.link`);

/** Trackers of firms that send mail for others: links of honest mail run through them. */
export const MAILERS =
  words(`sendgrid.net list-manage.com mailchimp.com awstrack.me exacttarget.com rs6.net constantcontact.com hubspotlinks.com
  hubspotemail.net mailgun.org mailgun.net sparkpostmail.com mandrillapp.com customeriomail.com klclick.com klaviyomail.com sendinblue.com sib.link brevo.com
  mktoweb.com marketo.com eloqua.com responsys.net mailjet.com postmarkapp.com braze.com sailthru.com emarsys.net acoustic.com cmail19.com cmail20.com
  createsend.com createsend1.com salesforce.com pardot.com intercom-mail.com substack.com beehiiv.com convertkit-mail.com safelinks.protection.outlook.com urldefense.com`);

/** Sites of code, packages, reference and news, where brand names in a path are daily business. */
export const READING =
  words(`npmjs.com npmjs.org pypi.org crates.io docs.rs lib.rs rubygems.org packagist.org pkg.go.dev nuget.org maven.org hub.docker.com github.com gitlab.com
  bitbucket.org sourceforge.net codeberg.org readthedocs.io readthedocs.org stackoverflow.com stackexchange.com wikipedia.org wikimedia.org wiktionary.org archive.org
  medium.com dev.to hashnode.dev reddit.com news.ycombinator.com lobste.rs youtube.com vimeo.com producthunt.com alternativeto.net
  apps.apple.com play.google.com addons.mozilla.org chromewebstore.google.com debian.org ubuntu.com archlinux.org freebsd.org mozilla.org w3.org ietf.org rfc-editor.org
  arxiv.org acm.org ieee.org nature.com springer.com jsdelivr.com unpkg.com cdnjs.com snyk.io socket.dev hackerone.com
  bbc.co.uk bbc.com theguardian.com nytimes.com reuters.com apnews.com bloomberg.com cnn.com cnbc.com forbes.com ft.com wsj.com washingtonpost.com
  theverge.com techcrunch.com arstechnica.com wired.com zdnet.com cnet.com theregister.com bleepingcomputer.com krebsonsecurity.com engadget.com
  independent.co.uk telegraph.co.uk dailymail.co.uk mirror.co.uk thesun.co.uk sky.com news.sky.com lemonde.fr spiegel.de heise.de golem.de
  elpais.com nikkei.com asahi.com yahoo.com aljazeera.com npr.org usatoday.com latimes.com time.com economist.com trustpilot.com downdetector.com`);

/** Where anyone has an address: no firm writes to its customers from here. */
export const FREEMAIL =
  words(`gmail.com googlemail.com hotmail.com outlook.com live.com msn.com yahoo.com yahoo.co.jp ymail.com aol.com icloud.com me.com mac.com proton.me
  protonmail.com gmx.de gmx.net gmx.com web.de mail.ru yandex.ru yandex.com qq.com 163.com 126.com sina.com naver.com daum.net zoho.com tutanota.com mail.com
  orange.fr free.fr laposte.net libero.it t-online.de btinternet.com hotmail.co.uk yahoo.co.uk hotmail.fr yahoo.fr rediffmail.com`);

/** Names that are words, or too common in names of other firms: they stand for the brand only beside other evidence. */
export const COMMON =
  words(`united delta apple chase sky line ring signal slack zoom steam target visa epic ledger booking uber meta prime square stripe notion
 discord orange three plus spark sprint fast box linear figma canva bolt grab gap next boots shell total mint wise chime current affirm ally
 discover capital citizens regions key frontier spirit southwest alaska american british air france swiss ryan easy jet express
 halifax boots argos game steam origin battle riot valve unity unreal rocket league 
 public cash kraken gemini nexo ripple crypto bank banks santander first national post royal mail hermes
 gov direct premier global central general standard mobile telecom network networks cloud digital host hosting web online
 store shop market play music video radio news times guardian sun mirror mail star express post world today herald
 office windows azure teams live outlook drive photos maps search chrome android home nest alexa echo kindle
 acrobat intel dell arm workday monday jira segment heap pendo amplitude
 box medium substack twitch kick rumble threads reels snap line kik band
 octa auth pass keeper dash nord express tunnel bear proton surf
 falcon sentinel carbon defender shield guard max peacock sling 
 subway costa asda boots next 
 indeed monster seek reed khan canvas blackboard classroom
 strava calm whoop hinge match 
 virgin three lebara smarty bell rogers claro vivo tim wind
 trip bolt grab ola lime bird turo 
 gas electric water energy power octopus ovo bulb scottish british thames severn anglian
 ping wire vault consul nomad waypoint render fly railway neon fast edge core base data graph`);

const heads = new Set([...kinds.keys()].filter((word) => word.length >= 4).map((word) => word.slice(0, 4)));
/** Whether any lure of four letters or more begins so; spares most look-ups inside a run of letters. */
export function mayBeginLure(four: string): boolean {
  return heads.has(four);
}
