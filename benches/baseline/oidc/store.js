// The package's own store keeps a thousand records, and walks through all tokens of a grant for each new one. Here records
// stay until the process ends; the provider itself refuses those that have expired.
export class Store {
  static uids = new Map()
  static userCodes = new Map()
  static grants = new Map()
  records = new Map()

  async upsert(id, record) {
    this.records.set(id, record)
    if (record.uid) Store.uids.set(record.uid, id)
    if (record.userCode) Store.userCodes.set(record.userCode, id)
    if (record.grantId) {
      if (!Store.grants.has(record.grantId)) Store.grants.set(record.grantId, new Map())
      Store.grants.get(record.grantId).set(id, this.records)
    }
  }

  async find(id) {
    return this.records.get(id)
  }

  async findByUid(uid) {
    return this.records.get(Store.uids.get(uid))
  }

  async findByUserCode(userCode) {
    return this.records.get(Store.userCodes.get(userCode))
  }

  async consume(id) {
    this.records.get(id).consumed = Math.floor(Date.now() / 1000)
  }

  async destroy(id) {
    this.records.delete(id)
  }

  async revokeByGrantId(grantId) {
    for (const [id, records] of Store.grants.get(grantId) ?? []) records.delete(id)
    Store.grants.delete(grantId)
  }
}
