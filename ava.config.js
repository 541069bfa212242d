export default {
  files: ['dist/test/**/*.test.js', '!dist/test/e2e/**'],
  nodeArguments: ['--enable-source-maps'],
  timeout: '2m',
}
