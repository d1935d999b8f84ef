-- Checks the invariants, a piece a call; mends what it finds when asked.
-- Keys: meta. Arguments: cursor, limit, repair. Reply: findings, cursor (absent: done). Refused: invalid.
-- Cost: one command a key, and about 13 a conversation and one for each of its last external ids, 17 an agent and queue
-- and what he takes next, one a contact, a bucket of a map and an agent whom a demand admits; `limit` (200) records or
-- entries a call, 5,000 of demands.
-- Conversations, 20 a call or a few more, are made anew: each costs a command an index, all together two an agent and
-- one an offer.

local chunk, spent, mends
local most_members = 5000
local sizes = {zset = 'ZCARD', set = 'SCARD', hash = 'HLEN'}

-- What is more than this call may check waits here.
local function put_off(key)
  call('RPUSH', P .. 'audit', key)
  call('EXPIRE', P .. 'audit', 3600)
end

local function look_at_entry(key, member, value)
  local name = key:sub(#P + 1)
  if D.audits_entries(name) then return D.audit_member(key, member, value) end
  return D.audit_entry(key, member)
end

local function check_entry(key, member, value)
  spent = spent + 1
  return D.audit_safely(member, look_at_entry, key, member, value)
end

-- By rank; those taken out move the others up. Returns where to go on.
local function check_ranked(key, from)
  local ids, kept = call('ZRANGE', key, from, from + chunk - 1), from
  for i = 1, #ids do
    if D.audit_tired() then return kept end
    if not check_entry(key, ids[i]) then kept = kept + 1 end
  end
  return #ids == chunk and kept
end

-- As Redis scans it. Returns where to go on.
local function check_scanned(key, from, hash)
  local reply = call(hash and 'HSCAN' or 'SSCAN', key, from, 'COUNT', chunk)
  if hash then
    for i = 1, #reply[2], 2 do check_entry(key, reply[2][i], reply[2][i + 1]) end
  else
    for _, member in ipairs(reply[2]) do check_entry(key, member) end
  end
  return reply[1] ~= '0' and reply[1]
end

local function check_set(key, from)
  local kind, letter, id = call('TYPE', key).ok, key:sub(#P + 1):match('^(%a+):(.*)$')
  if letter == 'c' then
    D.audit_safely(key, D.audit_conversation, id)
    return
  elseif letter == 'ob' then
    if kind == 'hash' then D.audit_entry_out(id) end
    return
  end
  if kind == 'zset' then return check_ranked(key, tonumber(from)) end
  if kind == 'set' or kind == 'hash' then return check_scanned(key, from, kind == 'hash') end
end

local function check_entries(key)
  local size = sizes[call('TYPE', key).ok]
  if not size then return end
  local later = call(size, key) > chunk or spent > 5 * chunk or D.audit_tired()
  if later or check_set(key, '0') then put_off(key) end
end

local function check_key(key)
  local name = key:sub(#P + 1)
  local kind = name:match('^(%a+):')
  D.audit_bucket(name)
  if kind == 'c' then
    if D.audit_tired() then put_off(key) else D.audit_conversation(name:sub(3)) end
  elseif kind == 'a' then
    if D.audit_agent_readable(name:sub(3)) then D.audit_listed(name:sub(3)) end
  elseif kind == 'p' then
    D.audit_contact_readable(name:sub(3))
  elseif kind == 'o' then
    D.audit_offer_readable(name:sub(3))
    D.audit_number('offers', tonumber(name:match('^o:o_(%d+)$')))
  elseif kind == 'ob' then
    -- Whose it is its conversation may tell, when it is looked at.
    if call('HEXISTS', key, 'to') == 0 then put_off(key) else D.audit_entry_out(name:sub(4)) end
  elseif kind == 'lane' or kind == 'own' or kind == 'in' or kind == 'wider' or D.audits_entries(name) then
    if kind == 'lane' then D.audit_lane(key) end
    check_entries(key)
  end
end

local function first(from)
  local size = max(1, floor(chunk / 4))
  local names = call('ZRANGE', P .. 'agents', from, from + size - 1)
  for i, name in ipairs(names) do
    if D.audit_tired() then return 'first ' .. from + i - 1 end
    D.audit_safely(name, D.audit_first, name)
  end
  return #names == size and 'first ' .. from + size or 'scan 0'
end

-- Of the keyspace, one scan's worth. Returns where to go on.
local function scanned(at, check)
  local reply = D.scan(at, chunk)
  table.sort(reply[2])
  for _, key in ipairs(reply[2]) do D.audit_safely(key, check, key) end
  return reply[1] ~= '0' and reply[1]
end

local function check_place(key)
  if D.audit_type(key) then D.audit_queue_of(key) end
end

-- Without its foundations there is nothing more to look at; what a reload is to write is routed nowhere else meanwhile.
local function places(at)
  if at == '0' and not D.audit_foundations() and not mends then return end
  at = scanned(at, check_place)
  if at then return 'places ' .. at end
  if not (mends and D.audit_waits_for_reload()) then return 'first 0' end
end

local function scan(at)
  at = scanned(at, check_key)
  return at and 'scan ' .. at or 'maps 0'
end

-- When they are counted right.
local function maps(from)
  local at = D.audit_maps(from, chunk)
  return at and 'maps ' .. at or 'sets 0'
end

local function sets(from)
  while spent < chunk and not D.audit_tired() do
    local key = call('LINDEX', P .. 'audit', 0)
    if not key then return 'agents 0' end
    from = check_set(key, from)
    if from then return 'sets ' .. from end
    call('LPOP', P .. 'audit')
    from, spent = '0', spent + 1
  end
  return 'sets ' .. from
end

local function agents(from)
  local size = max(1, floor(chunk / 4))
  local names = call('ZRANGE', P .. 'agents', from, from + size - 1)
  for i, name in ipairs(names) do
    if D.audit_tired() then return 'agents ' .. from + i - 1 end
    D.audit_safely(name, D.audit_agent, name)
  end
  if #names == size then return 'agents ' .. from + size end
  return 'demands 0'
end

-- When the agents are right: whom each demand admits.
local function demands(from)
  local at, members, queues = 0, 0, call('HKEYS', P .. 'queues')
  table.sort(queues)
  for _, queue in ipairs(queues) do
    local known = call('TYPE', P .. 'demands:' .. queue).ok == 'zset'
    for _, text in ipairs(known and call('ZRANGE', P .. 'demands:' .. queue, 0, -1) or {}) do
      at = at + 1
      if members > most_members then return 'demands ' .. at - 1 end
      if at > from then members = members + (D.audit_safely(text, D.audit_demand, queue, text) or 1) end
    end
  end
  if mends then call('DEL', P .. 'suspect') end
end

return function(args)
  chunk, spent = max(10, min(args.limit or 200, 500)), 0
  mends = args.repair
  local findings = D.begin_audit(args.repair)
  if D.damage then
    local cursor = D.audit_meta(args.cursor, 5 * chunk)
    return {findings = D.some(findings), cursor = cursor}
  end
  -- Where `meta` was mended by somebody else meanwhile, it begins as if there had been nothing.
  local from = (args.cursor or 'places 0'):gsub('^meta .*$', 'places 0')
  local phase, at = from:match('^(%a+) (%d+)$')
  if not phase then D.fail('invalid', 'no such cursor') end
  local cursor
  if phase == 'places' then
    cursor = places(at)
  elseif phase == 'first' then
    cursor = first(tonumber(at))
  elseif phase == 'scan' then
    if at == '0' then
      call('DEL', P .. 'audit')
      D.audit_events()
    end
    cursor = scan(at)
  elseif phase == 'maps' then
    cursor = maps(tonumber(at))
  elseif phase == 'sets' then
    cursor = sets(at)
  elseif phase == 'agents' then
    cursor = agents(tonumber(at))
  else
    cursor = demands(tonumber(at))
  end
  return {findings = D.some(findings), cursor = cursor}
end, {any_meta = true}
