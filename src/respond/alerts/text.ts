// A message in words: what a reader is told in its language and zone. Plain text, one line a fact; a probability comes as word and
// number, and a cause below 40 % is not named.
import type { Outage } from '../../model/outage.ts';
import { clockTime, fullName, type Names, namedCause, percent, probabilityWord, timeSpan } from '../words.ts';
import type { Message } from './alerts.ts';
import type { Language } from './reader.ts';

export interface Wording {
  /** One line, at most 120 characters. */
  readonly title: string;
  /** Lines of the body, without the link. */
  readonly lines: readonly string[];
}

type Chance = 'almost certain' | 'very likely' | 'likely' | 'about as likely as not' | 'not likely';

interface Phrases {
  readonly trouble: (who: string, since: string) => string;
  readonly recovering: (who: string, since: string) => string;
  readonly over: (who: string, lasted: string) => string;
  readonly folded: (who: string) => string;
  readonly services: (n: number) => string;
  readonly separate: (n: number) => string;
  readonly chance: Readonly<Record<Chance, string>>;
  readonly cause: (chance: string, p: string, name: string) => string;
  readonly unknown: string;
  readonly hit: (names: string, more: number) => string;
  readonly official: (time: string) => string;
  readonly silent: string;
  readonly vendorOnly: string;
  readonly takenOn: (by: string) => string;
  readonly nobody: string;
}

const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    trouble: (who, since) => `${who}: trouble since ${since}`,
    recovering: (who, since) => `${who}: recovering from trouble since ${since}`,
    over: (who, lasted) => `${who}: over after ${lasted}`,
    folded: (who) => `Told further with: ${who}`,
    services: (n) => `${n} services`,
    separate: (n) => `${n} outages at once; no shared cause is known`,
    chance: {
      'almost certain': 'almost certainly',
      'very likely': 'very likely',
      likely: 'likely',
      'about as likely as not': 'about as likely as not',
      'not likely': 'not likely',
    },
    cause: (chance, p, name) => `Cause: ${chance} (${p}) ${name}`,
    unknown: 'The cause is unknown.',
    hit: (names, more) => `Hit: ${names}${more > 0 ? ` and ${more} more` : ''}`,
    official: (time) => `The provider first spoke at ${time}.`,
    silent: 'The provider has said nothing so far.',
    vendorOnly: 'The provider says that it is fixed; measurements do not say so yet.',
    takenOn: (by) => `Taken on by ${by}.`,
    nobody: 'Nobody has taken this on yet.',
  },
  de: {
    trouble: (who, since) => `${who}: gestört seit ${since}`,
    recovering: (who, since) => `${who}: erholt sich, gestört seit ${since}`,
    over: (who, lasted) => `${who}: vorbei nach ${lasted}`,
    folded: (who) => `Weiter unter: ${who}`,
    services: (n) => `${n} Dienste`,
    separate: (n) => `${n} Störungen zugleich; keine gemeinsame Ursache bekannt`,
    chance: {
      'almost certain': 'fast sicher',
      'very likely': 'sehr wahrscheinlich',
      likely: 'wahrscheinlich',
      'about as likely as not': 'etwa so wahrscheinlich wie nicht',
      'not likely': 'unwahrscheinlich',
    },
    cause: (chance, p, name) => `Ursache: ${chance} (${p}) ${name}`,
    unknown: 'Die Ursache ist unbekannt.',
    hit: (names, more) => `Betroffen: ${names}${more > 0 ? ` und ${more} weitere` : ''}`,
    official: (time) => `Der Anbieter äußerte sich zuerst um ${time}.`,
    silent: 'Der Anbieter hat sich noch nicht geäußert.',
    vendorOnly: 'Der Anbieter meldet es behoben; die Messungen zeigen das noch nicht.',
    takenOn: (by) => `Übernommen von ${by}.`,
    nobody: 'Noch hat es niemand übernommen.',
  },
  fr: {
    trouble: (who, since) => `${who} : en panne depuis ${since}`,
    recovering: (who, since) => `${who} : se rétablit, en panne depuis ${since}`,
    over: (who, lasted) => `${who} : terminé après ${lasted}`,
    folded: (who) => `Suite sous : ${who}`,
    services: (n) => `${n} services`,
    separate: (n) => `${n} pannes à la fois ; aucune cause commune connue`,
    chance: {
      'almost certain': 'presque certainement',
      'very likely': 'très probablement',
      likely: 'probablement',
      'about as likely as not': 'peut-être, une chance sur deux,',
      'not likely': 'peu probablement',
    },
    cause: (chance, p, name) => `Cause : ${chance} (${p}) ${name}`,
    unknown: 'La cause est inconnue.',
    hit: (names, more) => `Touchés : ${names}${more > 0 ? ` et ${more} autres` : ''}`,
    official: (time) => `Premier mot du fournisseur à ${time}.`,
    silent: 'Le fournisseur n’a encore rien dit.',
    vendorOnly: 'Le fournisseur dit que c’est réparé ; les mesures ne le montrent pas encore.',
    takenOn: (by) => `Pris en charge par ${by}.`,
    nobody: 'Personne ne s’en est encore chargé.',
  },
  es: {
    trouble: (who, since) => `${who}: con problemas desde ${since}`,
    recovering: (who, since) => `${who}: se recupera, con problemas desde ${since}`,
    over: (who, lasted) => `${who}: terminado tras ${lasted}`,
    folded: (who) => `Sigue en: ${who}`,
    services: (n) => `${n} servicios`,
    separate: (n) => `${n} caídas a la vez; no se conoce causa común`,
    chance: {
      'almost certain': 'casi seguro',
      'very likely': 'muy probablemente',
      likely: 'probablemente',
      'about as likely as not': 'quizá, una posibilidad de dos,',
      'not likely': 'poco probable',
    },
    cause: (chance, p, name) => `Causa: ${chance} (${p}) ${name}`,
    unknown: 'La causa es desconocida.',
    hit: (names, more) => `Afectados: ${names}${more > 0 ? ` y ${more} más` : ''}`,
    official: (time) => `El proveedor habló por primera vez a las ${time}.`,
    silent: 'El proveedor aún no ha dicho nada.',
    vendorOnly: 'El proveedor dice que está arreglado; las mediciones aún no lo muestran.',
    takenOn: (by) => `A cargo de ${by}.`,
    nobody: 'Nadie se ha hecho cargo todavía.',
  },
};

const NAMES_SHOWN = 6;
const TITLE = 120;

export function wordingOf(message: Message, names: Names, language: Language, zone: string): Wording {
  const say = PHRASES[language];
  const { outages, kind, at } = message;
  const [main] = outages;
  if (main === undefined) return { title: say.unknown, lines: [] };
  const open = main.state !== 'resolved' && main.mergedInto === null;
  const title =
    kind === 'closing'
      ? open
        ? say.folded(whoOf(main, names, say))
        : say.over(whoOf(main, names, say), timeSpan((main.endedAt ?? at) - main.onset))
      : outages.length > 1
        ? say.separate(outages.length)
        : headOf(main, names, say, at, zone);
  const lines: string[] = [];
  if (kind === 'escalation') lines.push(say.nobody);
  if (message.acknowledged !== null) lines.push(say.takenOn(message.acknowledged));
  if (outages.length > 1) lines.push(...outages.slice(0, NAMES_SHOWN).map((o) => headOf(o, names, say, at, zone)));
  else lines.push(...factsOf(main, names, say, at, zone));
  return { title: cut(title), lines };
}

function headOf(outage: Outage, names: Names, say: Phrases, at: number, zone: string): string {
  const since = clockTime(outage.onset, at, zone);
  const who = whoOf(outage, names, say);
  return outage.state === 'recovering' ? say.recovering(who, since) : say.trouble(who, since);
}

function whoOf(outage: Outage, names: Names, say: Phrases): string {
  const only = outage.affected.length === 1 ? outage.affected[0] : undefined;
  if (only !== undefined) return fullName(only.service, names);
  const cause = namedCause(outage);
  const services = say.services(outage.affected.length);
  return cause === null ? services : `${fullName(cause.id, names)}, ${services}`;
}

function factsOf(outage: Outage, names: Names, say: Phrases, at: number, zone: string): string[] {
  const cause = namedCause(outage);
  const hit = [...outage.affected].sort((a, b) => b.multiple - a.multiple).map((a) => fullName(a.service, names));
  const { vendor, probes, people } = outage.recoveries;
  const lines = [
    cause === null
      ? say.unknown
      : say.cause(say.chance[probabilityWord(cause.p) as Chance], percent(cause.p), fullName(cause.id, names)),
  ];
  if (hit.length > 1) lines.push(say.hit(hit.slice(0, NAMES_SHOWN).join(', '), hit.length - NAMES_SHOWN));
  lines.push(outage.officialAt === null ? say.silent : say.official(clockTime(outage.officialAt, at, zone)));
  if (outage.state !== 'resolved' && typeof vendor === 'number' && (probes === null || people === null))
    lines.push(say.vendorOnly);
  return lines;
}

function cut(title: string): string {
  const letters = [...title];
  return letters.length <= TITLE ? title : `${letters.slice(0, TITLE - 1).join('')}…`;
}
