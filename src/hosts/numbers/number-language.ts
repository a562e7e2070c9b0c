/** How one language says numbers. Digits are ASCII, without group marks. */
export interface NumberLanguage {
  /** For `Intl`, which knows its units, currencies, months and decimal mark. */
  readonly tag: string
  /** Written without spaces between words. @default false */
  readonly isSolid?: boolean
  readonly cardinal: (digits: string) => string
  /** `before` is the text in front of it, by which it may change. */
  readonly ordinal: (digits: string, before: string) => string
  /** How ordinals are written; the first group has the digits. */
  readonly ordinals?: RegExp
  /** Whether the day of a date is an ordinal. @default false */
  readonly hasOrdinalDays?: boolean
  /** A lone 1 before a noun, where it differs from counting. */
  readonly one?: string
  /** A lone 2 before what `pairs` matches, where it differs from counting. */
  readonly two?: string
  readonly pairs?: RegExp
  /** Said between a number's whole and its decimals. */
  readonly point: string
  /** Whether decimals are said digit by digit. @default false */
  readonly hasSpelledDecimals?: boolean
  /** Said between the ends of a range. */
  readonly to: string
  /** A time of day. */
  readonly clock: (hours: number, minutes: number) => string
  /** A year, where it is not said as other numbers are. */
  readonly year?: (digits: string) => string
  /** Where a number is such a year, apart from whole dates. */
  readonly years?: RegExp
  /** Says what no other language has. */
  readonly own?: (text: string) => string
  /** The currency whose parts have names of their own, and an amount of it. */
  readonly money: { readonly currency: string; readonly say: (amount: string) => string }
  /** Whether slashed dates begin with the month. @default false */
  readonly hasMonthFirst?: boolean
}
