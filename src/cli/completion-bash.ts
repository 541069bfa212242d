import { type CompletionNode, pathsOf, quote, valuePlaces } from './completion-tree.js'

const alternatives = (words: readonly string[]) => words.map(quote).join('|')
const flagsOf = (node: CompletionNode) => node.options.flatMap((option) => option.flags)
const wordsOf = (node: CompletionNode) => [...node.commands.map((command) => command.name), ...node.choices]

/** Completion for bash; where nothing of its own fits, bash completes file names. */
export function bashCompletion(tree: readonly CompletionNode[]): string {
  const values = valuePlaces(tree).map(
    ({ places, choices }) => `    ${alternatives(places)}) words=${quote(choices.join(' '))} ;;`,
  )
  const nodes = tree.map(
    (node) =>
      `      ${quote(node.path)}) words=${quote(wordsOf(node).join(' '))} flags=${quote(flagsOf(node).join(' '))} ;;`,
  )
  return `# bash completion for sluice: source <(sluice completion bash)
_sluice() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path= words= flags= index
  if [[ $word == '=' ]]; then
    word=
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path/\${COMP_WORDS[index]}" in
      ${alternatives(pathsOf(tree))}) path="$path/\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
    *)
      case "$path" in
${nodes.join('\n')}
      esac
      if [[ $word == -* ]]; then words=$flags; fi
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _sluice sluice
`
}
