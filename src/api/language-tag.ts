/** What BCP 47 tags look like, the common ones: `zh`, `pt-BR`, `zh-Hant-HK`. */
export const LANGUAGE_TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

/** The rule in words, for messages. */
export const LANGUAGE_RULE = 'must be a BCP 47 tag such as en, zh or pt-BR'
