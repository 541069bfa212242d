import { type CompletionNode, pathsOf, quote, valuePlaces } from './completion-tree.js'

const alternatives = (words: readonly string[]) => `(${words.map(quote).join('|')})`

/** `word:description` as _describe reads it. */
const described = (word: string, description: string) =>
  quote(`${word.replaceAll(':', '\\:')}:${description}`)

/** Completion for zsh, as a file in its function path or to be sourced. */
export function zshCompletion(tree: readonly CompletionNode[]): string {
  const values = valuePlaces(tree).map(({ places, choices }) => {
    const answer = choices.length === 0 ? '_files' : `compadd -- ${choices.map(quote).join(' ')}`
    return `    ${alternatives(places)} ${answer}; return ;;`
  })
  const nodes = tree.map((node) => {
    const commands = node.commands.map(({ name, description }) => described(name, description))
    const choices = node.choices.map((choice) => described(choice, choice))
    const flags = node.options.flatMap((option) =>
      option.flags.map((flag) => described(flag, option.description)),
    )
    return `    (${quote(node.path)}) commands=(${[...commands, ...choices].join(' ')}) flags=(${flags.join(' ')}) ;;`
  })
  return `#compdef sluice
_sluice() {
  local place= previous=$words[CURRENT-1] word
  local -a commands flags
  for word in \${words[2,CURRENT-1]}; do
    case "$place/$word" in
      ${alternatives(pathsOf(tree))} place="$place/$word" ;;
    esac
  done
  case "$place $previous" in
${values.join('\n')}
  esac
  case "$place" in
${nodes.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option flags
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
if [[ $funcstack[1] == _sluice ]]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`
}
