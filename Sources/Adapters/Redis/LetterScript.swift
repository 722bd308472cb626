/// The changes and questions that the Redis server runs as one, each a Lua script.
///
/// ```
/// mcp:dlq:<id>                      the entry as JSON, with its own expiry; while it is pending
/// mcp:dlq:list                      pending ids by the last attempt, in seconds: other programs'
/// mcpdash:dlq:body:<id>             the entry while nobody else may run it: replaying, done, …
/// mcpdash:dlq:letter:<id>           a hash: state, lease and the fields that letters are found by
/// mcpdash:dlq:<shelf>               ids by creation in ms; shelves: open, done, discarded
/// mcpdash:dlq:<shelf>:<field>:<x>   the same of one operation, client, server, kind or delivery
/// mcpdash:dlq:names                 <field>:<x> of which there are open letters
/// mcpdash:dlq:expiry, :leases       ids by when they end, in milliseconds
/// mcpdash:dlq:bytes                 what all entries take up
/// mcpdash:dlq:result:<token>        for 10 s, what a change that removes letters came to
/// mcpdash:dlq:expired               letters that have expired since the last sweep
/// ```
///
/// Every script takes the time as its first argument and removes first what has ended by then;
/// where that is much it does no more than that and answers -1: it must be asked again.
enum LetterScript: String, CaseIterable {
  case add, adopt, scan, sizes, fetch, claim, complete, giveBack, discard, delete, rewrite
  case statistics, strangers, vanished, settle

  var source: String { Self.library + "\n" + body }

  private var body: String {
    switch self {
    case .add: Self.addSource
    case .adopt: Self.adoptSource
    case .scan: Self.scanSource
    case .sizes: Self.sizesSource
    case .fetch: Self.fetchSource
    case .claim: Self.claimSource
    case .complete: Self.completeSource
    case .giveBack: Self.giveBackSource
    case .discard: Self.discardSource
    case .delete: Self.deleteSource
    case .rewrite: Self.rewriteSource
    case .statistics: Self.statisticsSource
    case .strangers: Self.strangersSource
    case .vanished: Self.vanishedSource
    case .settle: Self.settleSource
    }
  }

  /// Letters that one script changes at most: a few milliseconds' work.
  static let changeLimit = 50
  /// Letters that one script looks at at most.
  static let scanLimit = 500

  private static let library = """
    local P, SEED, LIST = 'mcpdash:dlq:', 'mcp:dlq:', 'mcp:dlq:list'
    local LARGE, CHUNK = 33554432, 50
    local DIMENSIONS = {'operation', 'client', 'server', 'kind', 'delivery'}
    local FIELDS = {'created', 'expires', 'attempted', 'state', 'owner', 'until', 'token',
      'idempotent', 'bytes', 'foreign', 'fault', 'target', 'operation', 'client', 'server', 'kind',
      'delivery', 'added', 'score'}
    local call, now = redis.call, tonumber(ARGV[1])

    local function record(id) return P .. 'letter:' .. id end
    local function body(id) return P .. 'body:' .. id end
    -- What the other program calls it: names that are no ids of ours have another one here.
    local function member(id)
      if string.sub(id, 1, 8) == 'unnamed-' then
        return call('HGET', record(id), 'member') or id
      end
      return id
    end
    local function shelf(r)
      if r.state == 'pending' or r.state == 'replaying' then return 'open' end
      return r.state
    end
    local function load(id)
      local values = call('HMGET', record(id), unpack(FIELDS))
      if not values[1] then return nil end
      local r = {}
      for i, field in ipairs(FIELDS) do r[field] = values[i] end
      return r
    end
    local function shelve(id, r)
      local s = P .. shelf(r)
      local names = {}
      call('ZADD', s, r.created, id)
      for i, d in ipairs(DIMENSIONS) do
        names[i] = d .. ':' .. r[d]
        call('ZADD', s .. ':' .. names[i], r.created, id)
      end
      if shelf(r) == 'open' then call('SADD', P .. 'names', unpack(names)) end
    end
    local function unshelve(id, r)
      local s = P .. shelf(r)
      call('ZREM', s, id)
      for _, d in ipairs(DIMENSIONS) do
        local name = d .. ':' .. r[d]
        call('ZREM', s .. ':' .. name, id)
        if shelf(r) == 'open' and call('EXISTS', s .. ':' .. name) == 0 then
          call('SREM', P .. 'names', name)
        end
      end
    end
    local function forget(id, r)
      local m = member(id)
      unshelve(id, r)
      call('ZREM', P .. 'expiry', id)
      call('ZREM', P .. 'leases', id)
      call('DEL', record(id), body(id))
      if r.state == 'pending' and m ~= 'list' then
        call('DEL', SEED .. m)
        call('ZREM', LIST, m)
      end
      call('DECRBY', P .. 'bytes', r.bytes)
    end
    -- Takes it from where the other program looks; false when it is gone.
    local function hold(id)
      local m = member(id)
      if call('EXISTS', SEED .. m) == 0 then return false end
      call('RENAME', SEED .. m, body(id))
      call('ZREM', LIST, m)
      return true
    end
    local function endLease(id, r)
      if call('EXISTS', body(id)) == 0 then return forget(id, r) end
      local m = member(id)
      call('RENAME', body(id), SEED .. m)
      call('ZADD', LIST, r.attempted, m)
      unshelve(id, r)
      r.state = 'pending'
      if r.delivery ~= 'executed' then r.delivery = 'unknown' end
      shelve(id, r)
      call('ZREM', P .. 'leases', id)
      call('HSET', record(id), 'state', r.state, 'delivery', r.delivery)
      call('HDEL', record(id), 'owner', 'until', 'token', 'score')
    end
    -- Whether somebody else has written over a pending entry since its record was made.
    local function isOverwritten(r, key, score)
      local size = redis.pcall('STRLEN', key)
      if type(size) == 'table' or size > LARGE then size = 0 end
      return size ~= tonumber(r.bytes)
        or score and tonumber(score) ~= tonumber(r.score or r.attempted)
    end
    -- Removes what has ended; returns whether there may be more of it.
    local function settle()
      local expired = 0
      local gone = call('ZRANGEBYSCORE', P .. 'expiry', '-inf', now, 'LIMIT', 0, CHUNK)
      for _, id in ipairs(gone) do
        local r = load(id)
        local left = r and r.foreign and r.state == 'pending' and call('PTTL', SEED .. member(id))
        if not r then
          call('ZREM', P .. 'expiry', id)
        elseif left and left > 1000 then
          -- Whoever wrote it has given it more time since.
          local expires = string.format('%.0f', now + left)
          call('HSET', record(id), 'expires', expires)
          call('ZADD', P .. 'expiry', expires, id)
        else
          forget(id, r)
          expired = expired + 1
        end
      end
      local ended = call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, CHUNK)
      for _, id in ipairs(ended) do
        local r = load(id)
        if r and r.state == 'replaying' then endLease(id, r)
        else call('ZREM', P .. 'leases', id) end
      end
      if expired > 0 then call('INCRBY', P .. 'expired', expired) end
      return #gone == CHUNK or #ended == CHUNK
    end
    -- By bytes: Lua's own order is that of the server's language.
    local function less(a, b)
      local length = math.min(#a, #b)
      for i = 1, length do
        local x, y = string.byte(a, i), string.byte(b, i)
        if x ~= y then return x < y end
      end
      return #a < #b
    end
    -- A letter with its entry; nil when the entry is gone.
    local function row(id, r)
      local key = r.state == 'pending' and SEED .. member(id) or body(id)
      local problem, value = '', ''
      if tonumber(r.bytes) > LARGE then problem = 'large' else
        value = redis.pcall('GET', key)
        if type(value) == 'table' then problem, value = 'type', '' end
        if not value then return nil end
      end
      return {id, r.created, r.expires, r.state, r.owner or '', r['until'] or '', r.delivery,
        r.fault or '', problem, value}
    end
    -- The arguments from the one with this number on, as fields of a record.
    local function given(r, i)
      for n, field in ipairs({'created', 'expires', 'attempted', 'idempotent', 'bytes', 'fault',
        'operation', 'client', 'server', 'kind', 'delivery', 'target'}) do
        r[field] = ARGV[i + n - 1]
      end
      -- An argument cannot be nil.
      if r.target == '' then r.target = nil else r.target = string.sub(r.target, 2) end
      if r.fault == '' then r.fault = nil end
      return r
    end
    local function save(id, r)
      local parts = {}
      for _, field in ipairs(FIELDS) do
        if r[field] then
          parts[#parts + 1] = field
          parts[#parts + 1] = r[field]
        end
      end
      call('HSET', record(id), unpack(parts))
      shelve(id, r)
      call('ZADD', P .. 'expiry', r.expires, id)
      call('INCRBY', P .. 'bytes', r.bytes)
    end
    """
}
