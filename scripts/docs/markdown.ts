/** Lines as the text of a page. */
export function markdown(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** A table; a cell's bars and line breaks would end it, so they are replaced. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => escaped(cell)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

export function code(text: string): string {
  return `\`${text}\``
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
