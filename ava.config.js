export default {
  files: ['dist/test/**/*.test.js'],
  nodeArguments: ['--enable-source-maps'],
  // Files run one after the other where they share the machine's network namespaces; see test/e2e.
  concurrency: 1,
  timeout: '5m',
}
