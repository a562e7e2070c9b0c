/**
 * What an abbreviation says about the dot behind it:
 * - `before`: it belongs to what follows and ends no sentence (`Dr.`, `z.B.`)
 * - `number`: so before a digit, else it is a plain word (`p. 55`, `No. That is wrong.`)
 * - `may`: it ends one when a usual first word of a sentence follows (`Co. It closed`)
 * - `closing`: it ends one when any capital follows (`etc.`)
 */
export type Abbreviation = 'before' | 'number' | 'may' | 'closing'

// All languages share one table, as text often mixes them. A word that is also an ordinary word of another
// language (`mind.`, `max.`, `sun.`) stands under `number` or not at all.
const WORDS: Readonly<Record<Abbreviation, readonly string[]>> = {
  before: [
    'mr mrs ms mx dr prof rev gen col maj capt cpt cmdr lt sgt cpl adm gov sen supt msgr fr mt ste messrs',
    'viz cf vs eg ie e.g i.e approx incl resp profs drs assn natl intl',
    'hr hrn frl fa dipl med jur phil habil kath evtl ggf bzw z.b d.h u.a u.ä v.a z.t o.ä i.a i.d.r s.o s.u vgl insb',
    'insbes bspw sog zzgl inkl exkl abzgl einschl allg engl frz ital geb verh hl amtl angebl bes betr ehem entspr',
    'mündl nachm norw öffentl schriftl staatl städt südl nördl westl östl urspr vorm wiss hrsg str einschl',
    'sr sra srta sres sras lic ing arq admón avda cnel tte pbro dn dña dpto cía tfno exmo exma ilmo ilma sto sta',
    'párrf prov p.ej ej núms dra dras d.ª ud uds vd vds dto aprox gral pres hwy rte feat joh wm',
    'mm mme mmes mlle mlles mgr vve boul bld av p.ex env éd éds trad réf c.-à-d c.à.d',
    'sig sigg sig.ra sig.na dott dott.ssa avv geom prof.ssa egr spett p.es ad.es',
    'т.е т.к т.н т.о т.наз ул пер просп корп обл респ акад доц проф инж полк нац тов см ср напр преп д.т.н к.т.н и.о',
    'dhr mevr mw bijv d.w.z o.a tzn tzv inż mgr ul np např bl.a f.eks t.ex örn',
  ],
  number: [
    'p pp no nos nr nro num núm n° nº fig figs vol vols chap sec sect eq eqs ex tab art arts par ca ext apt bldg max rm',
    'pág págs pag pagg cap caps tít bd abs abb anm kap ziff rn seite pos tel bl hs min mins seg segs secs hrs',
    'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun',
    'ene abr ago set dic lun mié jue vie sáb dom jän mär mrz okt dez janv févr fevr avr juil déc mag giu lug ott',
    'km cm kg mg ml lb lbs oz std sek mio mrd tsd mill stk',
    'máx mín tél hab ref refs app ep ver gest tbsp tsp',
    'стр рис табл п пп ст гл разд вып илл № § тыс млн млрд трлн руб коп долл чел кг км мм час мин сек',
    'янв февр фев апр авг сент окт нояб дек',
  ],
  may: [
    'co inc ltd corp jr st bros plc llc llp cie ges mbh esq ave blvd rd sq dept govt al ed eds',
    'ch th pr chr a.c d.c dcha izda aufl ft rep u.s u.k e.u u.n a.m p.m a.d b.c ph.d m.d b.a m.a д.в н.э до.н.э им г гг в вв кв',
  ],
  closing: ['etc usw usf ecc uvm cet ff т.д т.п др пр и.т.д и.т.п u.s.w itp itd atd enz osv u.ae'],
}

const KINDS = new Map<string, Abbreviation>(
  (['before', 'number', 'may', 'closing'] as const).flatMap((kind) =>
    WORDS[kind].flatMap((line) => line.split(' ').map((word) => [word, kind] as const)),
  ),
)

/** The kind of abbreviation that a word (without its last dot) is, if it is a known one. */
export function abbreviation(word: string): Abbreviation | undefined {
  const known = word.normalize('NFC').toLowerCase()
  return KINDS.get(known) ?? KINDS.get(known.replace(/^.*(?:['’]|\.-)/, '')) // l'avv. Verdi, Dipl.-Ing. Maier
}

const words = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.join(' ').split(' '))

const STARTERS = words(
  'a about after all also although an and another any are as at because before both but by can could did do does during',
  'each even every few finally first for from had has have having he her here his how however i if in indeed instead is',
  "it it's its just last later let like many maybe meanwhile more most mr mrs ms my never next no nobody nor not now of on",
  'once one only or other our out over perhaps please she should since so some sometimes still such take that the their',
  'then there therefore these they this those though thus to today together tomorrow too unfortunately until was we were',
  'what when where whether which while who whose why will with without would yes yesterday yet you your',
  'aber als am auch auf aus bei bis da dabei dafür damit dann darum das dass dein dem den denn der des deshalb dich die',
  'dies diese dieser dieses doch dort du ein eine einem einen einer er es für gestern hat heute hier ich ihm ihn ihr ihre',
  'im ist jetzt kein keine man mein meine mit morgen nach nein nicht nun nur ob oder ohne sein seine seit sie sind so um',
  'und uns unser unsere vom von vor warum was wegen weil wenn wer wie wir wo zu zum zur',
  'al ante así aunque aún ahora aquí como con cuando cuál cuándo cómo de del desde después donde el él ella ellas ellos en',
  'entonces era es esa ese eso esta este esto está había hasta hay hoy la las le lo los luego me mi mientras mucho muy más',
  'nadie ni no nos nosotros nuestra nuestro nunca para pero por porque pues que quien quién qué se según ser si sin sobre',
  'solo son su sus sí también tan te tiene todo todos tras tu tú un una unos usted ya yo',
  'alors après au aussi aux avant avec avez ce cela celui ces cet cette chaque comme comment dans depuis des donc du elle',
  'elles encore enfin ensuite est et eux ici il ils je jamais jusque leur leurs lorsque lui ma mais malgré mes moi même ne',
  'notre nous on or où par parce pas pendant pour pourquoi puis quand que quel quelle qui quoi sa sans selon ses si son',
  'sont sur ta te tous tout très une vos votre vous voici voilà y à ça',
  'alla anche ancora avere che chi ci come con cosa così da dal dalla di dopo dove dunque e ecco gli ha hanno ho ieri i',
  'in infatti invece io lei loro lui ma mentre mi molto nel nella noi non o ogni oggi oppure per perché poi prima quando',
  'quello questa questo qui sei sono sta tra tutto un uno voi è',
  'а без более будет был была были было быть в вам вас вот все всё вы где да даже для до его ее её если есть ещё же за',
  'здесь и из или им их к как какой когда который кто ли мне много может мой мы на над нам нас наш не него неё нет но',
  'ну о об однако он она они оно от очень по под поэтому потом почему при про с сегодня сейчас со так также там теперь',
  'тогда тоже только ты у уже хотя чем что чтобы эта эти это этот я',
)

/** Whether a word often begins a sentence and is seldom part of a name. */
export const isStarter = (word: string): boolean => STARTERS.has(word.normalize('NFC').toLowerCase())

const MONTHS = words(
  'januar jänner februar feber märz april mai juni juli august september oktober november dezember',
)
const ORDINAL_LEADS = words(
  'ab am beim bis das dem den der des die ihr ihre ihrem ihren im jede jeden jeder jedes mein meine meinem meinen sein',
  'seine seinem seinen seit unser unsere vom zum zur und oder',
)

/** Whether a number with a dot is an ordinal between these words, as in `am 3. Mai` or `der 2. Platz`. */
export const isOrdinal = (before: string, after: string): boolean =>
  MONTHS.has(after.toLowerCase()) || (ORDINAL_LEADS.has(before.toLowerCase()) && !isStarter(after))
