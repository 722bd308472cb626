extension LetterScript {
  /// now, id, state, token, limit, entry, then the fields of `given` → {is new, dropped}
  static let addSource = """
    if settle() then return -1 end
    local id, state, token, limit = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
    local known = call('HMGET', record(id), 'created', 'added')
    -- The repetition of an add whose answer was lost is as good as the first.
    if known[1] then return {known[2] == token and 1 or 0, 0} end
    local r = given({state = state, added = token}, 7)
    local left = tonumber(r.expires) - now
    if left <= 0 then return {1, 0} end
    left = string.format('%.0f', left)
    if state == 'pending' then
      local isNew = call('SET', SEED .. id, ARGV[6], 'PX', left, 'NX')
      -- Another program's, or ours whose index was lost: it is taken up when the queue is read.
      if not isNew then
        call('ZADD', LIST, 'NX', r.attempted, id)
        return {0, 0}
      end
      call('ZADD', LIST, r.attempted, id)
    else
      call('SET', body(id), ARGV[6], 'PX', left)
    end
    save(id, r)
    local surplus = -limit
    for _, s in ipairs({'open', 'done', 'discarded'}) do
      surplus = surplus + call('ZCARD', P .. s)
    end
    local dropped = 0
    while dropped < math.min(surplus, CHUNK) do
      local oldest, when
      for _, s in ipairs({'open', 'done', 'discarded'}) do
        local first = call('ZRANGE', P .. s, 0, 0, 'WITHSCORES')
        local score = tonumber(first[2])
        if score and (not oldest or score < when or score == when and less(first[1], oldest)) then
          oldest, when = first[1], score
        end
      end
      local old = load(oldest)
      if old then forget(oldest, old) end
      dropped = dropped + 1
    end
    return {1, dropped}
    """

  /// now, id or '', member, whether it replaces, then the fields of `given` → whether it was taken
  static let adoptSource = """
    if settle() then return -1 end
    local id, m = ARGV[2], ARGV[3]
    if id == '' then id = 'unnamed-' .. redis.sha1hex(m) end
    local r = given({state = 'pending', foreign = '1'}, 5)
    local known = load(id)
    if ARGV[4] == '1' then
      if not known then return 0 end
      -- The entry makes no sense any more; its times and its state stay.
      unshelve(id, known)
      for _, field in ipairs({'created', 'expires', 'attempted', 'state', 'owner', 'until', 'token',
        'foreign', 'delivery'}) do
        r[field] = known[field]
      end
      call('HDEL', record(id), 'target')
      call('DECRBY', P .. 'bytes', known.bytes)
      save(id, r)
      return 1
    end
    local left, score = call('PTTL', SEED .. m), call('ZSCORE', LIST, m)
    if left == -2 then return 0 end
    if known then
      if known.state ~= 'pending' or not isOverwritten(known, SEED .. m, score) then return 0 end
      unshelve(id, known)
      call('DECRBY', P .. 'bytes', known.bytes)
      call('DEL', record(id))
    end
    if left >= 0 then r.expires = string.format('%.0f', now + left) end
    if score and tonumber(score) ~= tonumber(r.attempted) then r.score = score end
    save(id, r)
    call('HSET', record(id), 'member', m)
    return 1
    """

  /// now, owner, until, whether forced, token, ids → {skipped, rows}
  static let claimSource = """
    if settle() then return -1 end
    local skipped, rows = 0, {}
    for i = 6, #ARGV do
      local id = ARGV[i]
      local r = load(id)
      local isMine = r and r.state == 'replaying' and r.token == ARGV[5]
      local isOurs = r and r.state == 'pending' and not r.fault
      -- What its record says of it, such as whether it may have run, is then of another entry.
      if isOurs and isOverwritten(r, SEED .. member(id), call('ZSCORE', LIST, member(id))) then
        isOurs = call('EXISTS', SEED .. member(id)) == 0
      end
      if isOurs then
        local isUnsafe = r.idempotent == '0'
          and (r.delivery == 'unknown' or r.delivery == 'executed')
        if isUnsafe and ARGV[4] == '0' then
          skipped = skipped + 1
        elseif hold(id) then
          r.state, r.owner, r['until'], isMine = 'replaying', ARGV[2], ARGV[3], true
          call('HSET', record(id), 'state', 'replaying', 'owner', ARGV[2], 'until', ARGV[3],
            'token', ARGV[5])
          call('ZADD', P .. 'leases', ARGV[3], id)
        else
          forget(id, r)
        end
      end
      if isMine then rows[#rows + 1] = row(id, r) end
    end
    return {skipped, rows}
    """

  /// now, id, owner
  static let completeSource = """
    if settle() then return -1 end
    local id = ARGV[2]
    local r = load(id)
    if r and r.state == 'replaying' and r.owner == ARGV[3] then
      unshelve(id, r)
      r.state = 'done'
      shelve(id, r)
      call('ZREM', P .. 'leases', id)
      call('HSET', record(id), 'state', 'done')
      call('HDEL', record(id), 'owner', 'until', 'token')
    end
    return 0
    """

  /// now, id, owner, entry, then the fields of `given`
  static let giveBackSource = """
    if settle() then return -1 end
    local id = ARGV[2]
    local old = load(id)
    if not old or old.state ~= 'replaying' or old.owner ~= ARGV[3] then return 0 end
    local r = given({state = 'pending', foreign = old.foreign}, 5)
    local left = tonumber(r.expires) - now
    if left <= 0 then
      forget(id, old)
      return 0
    end
    unshelve(id, old)
    call('ZREM', P .. 'leases', id)
    call('HDEL', record(id), 'owner', 'until', 'token', 'target', 'score')
    call('DECRBY', P .. 'bytes', old.bytes)
    call('DEL', body(id))
    local m = member(id)
    call('SET', SEED .. m, ARGV[4], 'PX', string.format('%.0f', left))
    call('ZADD', LIST, r.attempted, m)
    save(id, r)
    return 1
    """

  /// The repetition of a change whose answer was lost is as good as the first.
  private static let repeated = """
    if settle() then return -1 end
    local result = P .. 'result:' .. ARGV[2]
    local before = call('GET', result)
    if before then return tonumber(before) end
    """

  /// now, token, ids → how many
  static let discardSource =
    repeated + """

      local count = 0
      for i = 3, #ARGV do
        local id = ARGV[i]
        local r = load(id)
        if r and r.state == 'pending' and not r.fault then
          if hold(id) then
            unshelve(id, r)
            r.state = 'discarded'
            shelve(id, r)
            call('HSET', record(id), 'state', 'discarded')
            count = count + 1
          else
            forget(id, r)
          end
        end
      end
      if count > 0 then call('SET', result, count, 'PX', 10000) end
      return count
      """

  /// now, token, ids → how many
  static let deleteSource =
    repeated + """

      local count = 0
      for i = 3, #ARGV do
        local r = load(ARGV[i])
        if r then
          forget(ARGV[i], r)
          count = count + 1
        end
      end
      if count > 0 then call('SET', result, count, 'PX', 10000) end
      return count
      """

  /// now, id, old entry, new entry → 1, 0 when there is no such letter, 2 when it has changed
  static let rewriteSource = """
    if settle() then return -1 end
    local id = ARGV[2]
    local r = load(id)
    if not r or r.state ~= 'pending' or r.fault then return 0 end
    local key = SEED .. member(id)
    local value = redis.pcall('GET', key)
    if not value then
      forget(id, r)
      return 0
    end
    if value ~= ARGV[3] then return 2 end
    call('SET', key, ARGV[4], 'KEEPTTL')
    call('HSET', record(id), 'bytes', #ARGV[4])
    call('INCRBY', P .. 'bytes', #ARGV[4] - tonumber(r.bytes))
    return 1
    """
}
