extension LetterScript {
  /// Walks one index, newest first.
  ///
  /// now, index, letters to look at, letters wanted, `rows` or `ids`, before or '', since or '',
  /// cursor's time or '' and id, states, deliveries or '', then field, value, …
  /// → {whether that was all, time and id of the last one looked at, rows or ids}
  static let scanSource = """
    if settle() then return -1 end
    local index, examine, wanted = P .. ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
    local start = 0
    if ARGV[6] ~= '' then start = call('ZCOUNT', index, ARGV[6], '+inf') end
    if ARGV[8] ~= '' then
      -- Among those of the cursor's own time the place is searched by id.
      local low = call('ZCOUNT', index, '(' .. ARGV[8], '+inf')
      local high = low + call('ZCOUNT', index, ARGV[8], ARGV[8])
      while low < high do
        local middle = math.floor((low + high) / 2)
        if less(call('ZREVRANGE', index, middle, middle)[1], ARGV[9]) then high = middle
        else low = middle + 1 end
      end
      start = math.max(start, low)
    end
    local function isAmong(list, word)
      return string.find(',' .. list .. ',', ',' .. word .. ',', 1, true)
    end
    local function matches(r)
      if not isAmong(ARGV[10], r.state) then return false end
      if ARGV[11] ~= '' and not isAmong(ARGV[11], r.delivery) then return false end
      for i = 12, #ARGV, 2 do
        if r[ARGV[i]] ~= ARGV[i + 1] then return false end
      end
      return true
    end
    local ids = call('ZREVRANGE', index, start, start + examine - 1)
    local out, size, time, last = {}, 0, ARGV[8], ARGV[9]
    local isEnd = #ids < examine
    for _, id in ipairs(ids) do
      local r = load(id)
      if not r then
        call('ZREM', index, id)
      elseif ARGV[7] ~= '' and tonumber(r.created) < tonumber(ARGV[7]) then
        isEnd = true
        break
      else
        if matches(r) then
          if ARGV[5] == 'ids' then
            out[#out + 1] = id
          else
            local found = row(id, r)
            if found then
              out[#out + 1] = found
              size = size + #found[10]
            else
              forget(id, r)
            end
          end
        end
        time, last = r.created, id
        if #out >= wanted or size > 4194304 then
          isEnd = false
          break
        end
      end
    end
    return {isEnd and 1 or 0, time, last, out}
    """

  /// now, least time or '-inf', time beyond or '+inf', indexes → how many letters they hold
  static let sizesSource = """
    if settle() then return -1 end
    local count = 0
    for i = 4, #ARGV do count = count + call('ZCOUNT', P .. ARGV[i], ARGV[2], ARGV[3]) end
    return count
    """

  /// now, ids → rows
  static let fetchSource = """
    if settle() then return -1 end
    local rows = {}
    for i = 2, #ARGV do
      local r = load(ARGV[i])
      if r then
        local found = row(ARGV[i], r)
        if found then rows[#rows + 1] = found else forget(ARGV[i], r) end
      end
    end
    return rows
    """

  /// now → {open, replaying, done, discarded, oldest or '', newest or '', bytes, {name, count, …}}
  static let statisticsSource = """
    if settle() then return -1 end
    local counts = {}
    for _, name in ipairs(call('SMEMBERS', P .. 'names')) do
      counts[#counts + 1] = name
      counts[#counts + 1] = call('ZCARD', P .. 'open:' .. name)
    end
    return {
      call('ZCARD', P .. 'open'), call('ZCARD', P .. 'leases'), call('ZCARD', P .. 'done'),
      call('ZCARD', P .. 'discarded'),
      call('ZRANGE', P .. 'open', 0, 0, 'WITHSCORES')[2] or '',
      call('ZREVRANGE', P .. 'open', 0, 0, 'WITHSCORES')[2] or '',
      tonumber(call('GET', P .. 'bytes') or 0), counts}
    """

  /// Entries that another program added: those of the list, from a place on, without a record.
  ///
  /// Those of known entries that somebody else has written over are among them, and counted.
  ///
  /// now, place, how many to look at → {listed, pending, looked at, removed, written over, {member,
  /// score, time left, kind, entry, …}}
  static let strangersSource = """
    if settle() then return -1 end
    local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
    local ids = call('ZREVRANGE', LIST, first, first + count - 1, 'WITHSCORES')
    local found, size, seen, removed, changed = {}, 0, 0, 0, 0
    for i = 1, #ids, 2 do
      local m = ids[i]
      local id, key = m, SEED .. m
      local r = load(id)
      if not r then
        id = 'unnamed-' .. redis.sha1hex(m)
        r = load(id)
      end
      local state = r and r.state or false
      local kind = 'none'
      if state ~= 'pending' and m ~= 'list' then
        kind = call('TYPE', key).ok
      elseif state == 'pending' and isOverwritten(r, key, ids[i + 1]) then
        kind = call('TYPE', key).ok
        -- What is not there is found missing by whoever reads it.
        if kind ~= 'none' then
          state = false
          changed = changed + 1
        end
      end
      if state == 'done' or state == 'discarded' then
        -- Added anew by the other program, or a leftover of it.
        if kind ~= 'none' then
          forget(id, r)
          state = false
        else
          state = nil
        end
      end
      if state == nil or not state and kind == 'none' then
        call('ZREM', LIST, m)
        removed = removed + 1
      elseif not state then
        local value = ''
        if kind == 'string' then
          if call('STRLEN', key) > LARGE then kind = 'large' else value = call('GET', key) end
        end
        found[#found + 1] = {m, ids[i + 1], call('PTTL', key), kind, value}
        size = size + #value
      end
      seen = seen + 1
      if size > 1048576 then break end
    end
    return {call('ZCARD', LIST), call('ZCARD', P .. 'open') - call('ZCARD', P .. 'leases'), seen,
      removed, changed, found}
    """

  /// Open letters whose entry another program removed, from a place of the index on.
  ///
  /// now, place, how many to look at → {looked at, removed}
  static let vanishedSource = """
    if settle() then return -1 end
    local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
    local ids = call('ZREVRANGE', P .. 'open', first, first + count - 1)
    local removed = 0
    for _, id in ipairs(ids) do
      local r = load(id)
      if not r then
        call('ZREM', P .. 'open', id)
        removed = removed + 1
      else
        local m = member(id)
        local key = r.state == 'pending' and SEED .. m or body(id)
        if call('EXISTS', key) == 0 then
          forget(id, r)
          removed = removed + 1
        elseif r.state == 'pending' and not call('ZSCORE', LIST, m) then
          call('ZADD', LIST, r.attempted, m)
          call('HDEL', record(id), 'score')
        end
      end
    end
    return {#ids, removed}
    """

  /// now → {whether there is more, how many expired since this was asked the last time}
  static let settleSource = """
    local isMore = settle()
    local expired = call('GET', P .. 'expired')
    if expired then call('DEL', P .. 'expired') end
    return {isMore and 1 or 0, tonumber(expired or 0)}
    """
}
