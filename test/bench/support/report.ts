/** One figure of a benchmark, with what it should be; `target` is as people write it, such as `< 10 ms`. */
export interface Figure {
  readonly value: number
  readonly unit: string
  readonly target?: string
}

export type Figures = Readonly<Record<string, Figure>>

export function figure(value: number, unit: string, target?: string): Figure {
  return { value: rounded(value), unit, ...(target === undefined ? {} : { target }) }
}

/** Prints what a benchmark found: one line of JSON for programs, then one line for people. */
export function report(bench: string, what: string, figures: Figures): void {
  const values = Object.entries(figures).map(([name, { value, unit }]) => [
    camel(`${name} ${units[unit] ?? unit}`),
    value,
  ])
  console.log(JSON.stringify({ bench, ...Object.fromEntries(values) }))
  const words = Object.entries(figures).map(([name, { value, unit, target }]) => {
    const amount = `${name} ${value.toLocaleString('en')}${unit && ` ${unit}`}`
    return target === undefined ? amount : `${amount} (target ${target})`
  })
  console.log(`${bench}: ${what}: ${words.join(', ')}`)
}

/** How a unit is spelt in the name of a member. */
const units: Readonly<Record<string, string>> = {
  '%': 'percent',
  'flows/s': 'flows per second',
  'Gbit/s': 'gbps',
  'exchanges/s': 'exchanges per second',
}

function camel(words: string): string {
  return words
    .trim()
    .split(/[^A-Za-z0-9]+/)
    .map((word, index) => (index === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('')
}

/** Three significant digits, and whole numbers from a hundred on. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
