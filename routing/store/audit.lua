-- Checks the invariants, a piece a call; mends what it finds when asked.
-- Keys: meta. Arguments: cursor, limit, repair. Reply: findings, cursor (absent: done). Refused: invalid.
-- Cost: about 8 commands a conversation, 10 an agent and queue; `limit` (200) records a call.

local chunk, mends

-- Sets with more entries than one call may check wait here.
local function put_off(key)
  call('RPUSH', P .. 'audit', key)
  call('EXPIRE', P .. 'audit', 3600)
end

local function check_set(key, from)
  local ids = call('ZRANGE', key, from, from + chunk - 1)
  for i = #ids, 1, -1 do D.audit_entry(key, ids[i]) end
  return #ids == chunk
end

local function check_key(key)
  local name = key:sub(#P + 1)
  local kind = name:match('^(%a+):')
  if kind == 'c' then
    D.audit_conversation(name:sub(3))
  elseif kind == 'ob' then
    D.audit_entry_out(name:sub(4))
  elseif kind == 'lane' or kind == 'own' or kind == 'in' or kind == 'wider' then
    if kind == 'lane' then D.audit_lane(key) end
    if call('ZCARD', key) > chunk then put_off(key) else check_set(key, 0) end
  end
end

-- Of the keyspace, one scan's worth.
local function scan(at)
  local reply = call('SCAN', at, 'MATCH', P:gsub('[%[%]*?\\]', '\\%0') .. '*', 'COUNT', chunk)
  table.sort(reply[2])
  for _, key in ipairs(reply[2]) do check_key(key) end
  if reply[1] ~= '0' then return 'scan ' .. reply[1] end
  return 'sets 0'
end

local function sets(from)
  local key = call('LINDEX', P .. 'audit', 0)
  if not key then return 'agents 0' end
  if check_set(key, from) then return 'sets ' .. from + chunk end
  call('LPOP', P .. 'audit')
  return 'sets 0'
end

local function agents(from)
  local size = max(1, floor(chunk / 4))
  local names = call('ZRANGE', P .. 'agents', from, from + size - 1)
  for _, name in ipairs(names) do D.audit_agent(name) end
  if #names == size then return 'agents ' .. from + size end
  if mends then call('DEL', P .. 'suspect') end
  return nil
end

return function(args)
  chunk = max(10, min(args.limit or 200, 500))
  mends = args.repair
  local findings = D.begin_audit(args.repair)
  local phase, at = (args.cursor or 'scan 0'):match('^(%a+) (%d+)$')
  if not phase then D.fail('invalid', 'no such cursor') end
  local cursor
  if phase == 'scan' then
    if at == '0' then call('DEL', P .. 'audit') end
    cursor = scan(at)
  elseif phase == 'sets' then
    cursor = sets(tonumber(at))
  else
    cursor = agents(tonumber(at))
  end
  return {findings = D.some(findings), cursor = cursor}
end
