-- Agents, offers and contacts whose record cannot be read: found by the audit, and made anew of what others know.
local told

D.on_start(function()
  told = D.emptied(told)
end)

-- Whether there is none, or one that can be read and has these fields; else it is found, and mended.
local function readable(name, of, fields, read, mend)
  local function check()
    local record = read()
    if not record then return end
    if type(record.rec) ~= 'table' then error('it is no record', 0) end
    for _, field in ipairs(fields) do
      if record.rec[field] == nil then error('it has no ' .. field, 0) end
    end
  end
  local ok, e = pcall(check)
  if ok or told[name] then return ok end
  told[name] = true
  return D.audit_find('record.unreadable', of, name .. ' cannot be read: ' .. D.error_text(e), function()
    D.clear_place(name)
    mend()
  end)
end

-- His presence, by the sets of who is in which state, and whether he is there, by his sockets.
local function find_presence(a)
  for _, state in ipairs({'available', 'busy', 'break', 'away'}) do
    local since = call('ZSCORE', P .. 'state:' .. state, a.name)
    if since then
      a.was_p = state
      D.set_agent(a, 'p', state)
      D.set_agent(a, 's', tonumber(since))
      break
    end
  end
  if call('EXISTS', P .. 'sockets:' .. a.name) == 1 then
    D.set_agent(a, 'con', '1')
  else
    D.set_agent(a, 'dc', D.desk_now)
  end
end

-- What an agent is offered: his load is counted by it.
local function offers_readable(name)
  for _, id in ipairs(call('ZRANGE', P .. 'offers:' .. name, 0, -1)) do D.audit_offer_readable(id, name) end
end

-- By the configuration that he was written with last, the sets he is in, his lists and the conversations he owns.
local function remake_agent(name)
  local read, args = pcall(cjson.decode, call('HGET', P .. 'roster', name) or '')
  D.agents[name] = nil
  offers_readable(name)
  if not read or type(args) ~= 'table' or not args.capacity then return D.audit_lost_agent(name) end
  local a = D.fresh_agent(name)
  a.queues, a.skills = args.queues or {}, args.skills or {}
  find_presence(a)
  -- Of who is not there no set says whether it is his shift.
  if a.con == '1' then args.on_shift = call('SISMEMBER', P .. 'out:shift', name) == 0 end
  D.unlist(a)
  D.forget_reasons(a)
  local flat = call('HGETALL', P .. 'holds')
  for i = 1, #flat, 2 do
    if flat[i + 1] == name then D.set_agent(a, 'hold', flat[i]) end
  end
  D.recount(a)
  D.write_agent(a, args)
  call('ZADD', P .. 'agents', '0', name)
end

function D.audit_agent_readable(name)
  return readable('a:' .. name, {agent = name}, {'cap', 'p', 'qs'}, function()
    return D.find_agent(name)
  end, function() remake_agent(name) end)
end

-- It is given up: whose it was goes on without it, or back to its lane, when he is looked at.
function D.audit_offer_readable(id, agent)
  return readable('o:' .. id, {agent = agent}, {'c', 'a', 'st', 'w', 'k'}, function()
    return D.find_offer(id)
  end, function()
    D.forget_offer(id)
    if agent then call('ZREM', P .. 'offers:' .. agent, id) end
    call('ZREM', P .. 'timers:fast', 'o|' .. id)
  end)
end

-- Who could not be read when his customer was served: his conversations say who he is, as they are looked at.
local function tell_remade(id)
  local p = D.read_contact(id)
  if not p or not p.rb or told['p:' .. id] then return end
  if call('SISMEMBER', P .. 'suspect', 'contact:' .. id) == 0 then return end
  told['p:' .. id] = true
  D.audit_find('record.unreadable', {}, 'p:' .. id .. ' could not be read, and was made anew', function() end)
end

-- Nobody yet, under the id that his conversations and addresses lead to: they say who he is.
function D.audit_contact_readable(id)
  local ok = readable('p:' .. id, {}, {'ids'}, function()
    return D.read_contact(id)
  end, function() D.empty_contact(id) end)
  if ok then tell_remade(id) end
  return ok
end

-- An agent and what he is offered, before anything else is looked at: all else reads them.
function D.audit_first(name)
  offers_readable(name)
  D.audit_agent_readable(name)
end
