/**
 * What speech models do with marks in a text, none of which is to be read aloud: CosyVoice knows the first two tags and
 * the notes (PROTOCOLS 1), Orpheus the other tags.
 */
export const TAGS = 'strong laughter laugh chuckle sigh cough sniffle groan yawn gasp'.split(' ')
const NOTES =
  'accent breath clucking cough hissing laughter lipsmack mn noise quick_breath sigh vocalized-noise'.split(
    ' ',
  )

const TAG = new RegExp(`</?(?:${TAGS.join('|')})\\s?/?>`, 'g')
const NOTE = new RegExp(`\\[(?:${NOTES.join('|')})\\]`, 'g')

/** The text for a voice that knows no marks: without `<strong>` about a word, and a space for `[laughter]`. */
export const withoutMarks = (text: string): string => text.replace(TAG, '').replace(NOTE, ' ')
