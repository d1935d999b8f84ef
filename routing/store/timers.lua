-- Applies what is due: offers, leases, grace and reassignment first, then bulk, then agents marked for a second look.
-- Keys: meta. Arguments: limit, gap (ms); or rest. Reply: done, now, next_at, issues, suspect, suspects, overflow.
-- Cost: about 40 commands an entry, at most `limit` (50) entries, but ten at least of bulk and of agents, so that
-- neither starves.
local issues

-- The store or the clock stood still or jumped: deadlines move with it, and nobody is judged absent for one lease.
-- No news when the last daemon was told to stop.
local function keep_tick(gap)
  local told = call('HMGET', KEYS[1], 'tick', 'rest')
  local tick, rest = tonumber(told[1]), told[2]
  local still = tick and D.now - tick
  if gap and still and (still > gap or still < -1000) then
    D.offset = D.offset + still
    D.desk_now = D.now - D.offset
    D.judge_after = D.desk_now + D.settings().presence.lease
    call('HSET', KEYS[1], 'offset', D.offset, 'judge_after', D.judge_after)
    if still < 0 then
      issues[1] = {code = 'store.clock_jump', message = format('the clock went back by %d ms', -still)}
    elseif not rest then
      issues[1] = {code = 'store.gap', message = format('nothing ran for %d ms', still)}
    end
  end
  if rest then call('HDEL', KEYS[1], 'rest') end
  call('HSET', KEYS[1], 'tick', D.now)
end

local function apply(entry)
  local letter, rest = entry:match('^(%a)|(.*)$')
  local first, second = rest:match('^([^|]*)|(.*)$')
  -- One broken entry must not stop time for the others.
  local ok, e = pcall(D.steps[letter], first or rest, second)
  if not ok then
    D.distrust_kept()
    D.suspect('timers')
    issues[#issues + 1] = {code = 'store.damage', message = 'timer ' .. entry .. ': ' .. D.error_text(e)}
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
    local a = D.find_readable_agent(name)
    if a then D.room(a) end
  end
  return #names
end

-- How many records an audit should mend, and the first few of them by name; of very many none.
local function suspects()
  local count, few = call('SCARD', P .. 'suspect'), {}
  if count == 0 then return nil end
  local names = count <= 100 and call('SMEMBERS', P .. 'suspect') or {}
  table.sort(names)
  for i = 1, min(5, #names) do few[i] = names[i] end
  return count, D.some(few)
end

return function(args)
  issues = {}
  if call('EXISTS', P .. 'settings') == 0 then return {done = 0} end
  if args.rest then
    call('HSET', KEYS[1], 'rest', 1)
    return {done = 0, now = D.now}
  end
  local limit = min(args.limit or 50, 50)
  keep_tick(args.gap)
  local done = due('fast', D.desk_now, limit)
  done = done + due('bulk', D.now, max(limit - done, 10))
  D.flush()
  done = done + sweep(max(limit - done, 10))
  D.flush()
  local keep = D.settings().keep_events
  if keep then call('XTRIM', P .. 'events', 'MINID', '~', format('%d', D.now - keep), 'LIMIT', 1000) end
  local suspect, few = suspects()
  return {done = done, now = D.now, next_at = D.next_due(), issues = D.some(issues), overflow = D.some(D.answers),
    suspect = suspect, suspects = few}
end
