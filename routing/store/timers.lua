-- Applies what is due: offers, leases, grace and reassignment first, then bulk, then agents marked for a second look.
-- Keys: meta. Arguments: limit, gap (ms). Reply: done, next_at, issues, overflow. Cost: about 40 commands an entry, at
-- most `limit` (50) entries.
local issues

-- The store or the clock stood still or jumped: deadlines move with it, and nobody is judged absent for one lease.
local function keep_tick(gap)
  local tick = tonumber(call('HGET', KEYS[1], 'tick'))
  local still = tick and D.now - tick
  if gap and still and (still > gap or still < -1000) then
    D.offset = D.offset + still
    D.desk_now = D.now - D.offset
    D.judge_after = D.desk_now + D.settings().presence.lease
    call('HSET', KEYS[1], 'offset', D.offset, 'judge_after', D.judge_after)
    issues[1] = still > 0 and {code = 'store.gap', message = format('nothing ran for %d ms', still)} or
      {code = 'store.clock_jump', message = format('the clock went back by %d ms', -still)}
  end
  call('HSET', KEYS[1], 'tick', D.now)
end

local function apply(entry)
  local letter, rest = entry:match('^(%a)|(.*)$')
  local first, second = rest:match('^([^|]*)|(.*)$')
  -- One broken entry must not stop time for the others.
  local ok, e = pcall(D.steps[letter], first or rest, second)
  if not ok then
    D.suspect()
    local text = type(e) == 'table' and (e.err or e.message) or tostring(e)
    issues[#issues + 1] = {code = 'store.damage', message = 'timer ' .. entry .. ': ' .. tostring(text)}
  end
end

local function due(name, now, limit)
  local key = P .. 'timers:' .. name
  local list = limit > 0 and call('ZRANGE', key, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit) or {}
  for _, entry in ipairs(list) do
    -- What an earlier entry of this call has ended is no longer there.
    if call('ZREM', key, entry) == 1 then apply(entry) end
  end
  return #list
end

local function sweep(limit)
  local names = limit > 0 and call('ZRANGE', P .. 'sweep', 0, limit - 1) or {}
  for _, name in ipairs(names) do
    call('ZREM', P .. 'sweep', name)
    local a = D.find_agent(name)
    if a then D.room(a) end
  end
  return #names
end

return function(args)
  issues = {}
  if call('EXISTS', P .. 'settings') == 0 then return {done = 0} end
  local limit = min(args.limit or 50, 50)
  keep_tick(args.gap)
  local done = due('fast', D.desk_now, limit)
  done = done + due('bulk', D.now, max(limit - done, 10))
  D.flush()
  done = done + sweep(limit - done)
  D.flush()
  local keep = D.settings().keep_events
  if keep then call('XTRIM', P .. 'events', 'MINID', '~', format('%d', D.now - keep), 'LIMIT', 1000) end
  return {done = done, next_at = D.next_due(), issues = D.some(issues), overflow = D.some(D.answers)}
end
