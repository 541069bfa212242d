import { connect, declareTables } from 'sluice/ovsdb'

/** The declarations of some tables as a TypeScript text, from the schema that a server has. */
export async function tablesOf(
  endpoint: string,
  database: string,
  names: readonly string[],
): Promise<string> {
  const client = await connect(endpoint)
  try {
    return declareTables(await client.schema(database), names)
  } finally {
    client.close()
  }
}
