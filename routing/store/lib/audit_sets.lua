-- Audit of the sets that matching reads: of each entry whether it is right, of each demand whether all whom it admits
-- are there.
local members = {}

local function stray(key, member, of, code)
  return D.audit_find(code, of, 'stands in ' .. key:sub(#P + 1), function()
    call(call('TYPE', key).ok == 'zset' and 'ZREM' or 'SREM', key, member)
    if code == 'roster.stray' then D.roster_changed() end
  end)
end

members['agents:'] = function(key, name, queue)
  local a = D.find_agent(name)
  if not a or not a.serves[queue] then return stray(key, name, {agent = name}, 'roster.stray') end
end

members['skill:'] = function(key, name, of)
  local queue, skill = of:match('^([^:]+):(.*)$')
  local a = D.find_agent(name)
  if not a or not a.serves[queue] or not D.skills(a)[skill] then
    return stray(key, name, {agent = name}, 'roster.stray')
  end
end

members['avail:'] = function(key, name, queue)
  local a = D.find_agent(name)
  if not a or not a.serves[queue] or not D.taking(a) then return stray(key, name, {agent = name}, 'avail.wrong') end
end

members['state:'] = function(key, name, state)
  local a = D.find_agent(name)
  if not a or a.p ~= state then return stray(key, name, {agent = name}, 'state.stray') end
end

members['free:'] = function(key, name, of)
  local queue, kind = of:match('^([^:]+):(.*)$')
  local a = D.find_agent(name)
  if not a or not a.serves[queue] or not D.taking(a) or a.hold or not D.has_room(a, kind) then
    return stray(key, name, {agent = name}, 'free.wrong')
  end
end

-- A demand that nobody is free for, though somebody is.
members['dry:'] = function(key, text, of)
  local queue, kind = of:match('^([^:]+):(.*)$')
  for _, from in ipairs({queue, unpack(D.parse_demand(text).rings)}) do
    local free = P .. 'free:' .. from .. ':' .. kind
    local names = text == '' and call('ZRANGE', free, 0, 999) or
      call('ZINTER', 2, free, P .. 'elig:' .. queue .. ':' .. text)
    if #names > 0 then
      return D.audit_find('dry.wrong', {agent = names[1]}, 'is free for what stands in ' .. key:sub(#P + 1), function()
        call('SREM', key, text)
        for _, name in ipairs(names) do D.look_again(name) end
      end)
    end
  end
end

members['heads:'] = function(_, text, of)
  if call('EXISTS', P .. 'lane:' .. of .. ':' .. text) == 1 then return end
  local queue, class = of:match('^([^:]+):(.*)$')
  return D.audit_find('heads.stray', {}, 'no lane ' .. of .. ':' .. text, function()
    D.show_head(queue, class, text)
  end)
end

-- What lanes there are says so again, when they are looked at.
members['busy:'] = function(key, class, queue)
  if call('EXISTS', P .. 'heads:' .. queue .. ':' .. class) == 1 then return end
  return D.audit_find('heads.stray', {}, 'nothing waits in ' .. queue .. ':' .. class, function()
    call('ZREM', key, class)
    if call('EXISTS', key) == 0 then call('SREM', P .. 'busyq', queue) end
    D.forget_heads()
  end)
end

function members.roster(_, name)
  if not D.find_agent(name) then return D.audit_lost_agent(name) end
end

function members.busyq(key, queue)
  if call('EXISTS', P .. 'busy:' .. queue) == 0 then return stray(key, queue, {}, 'heads.stray') end
end

members['unless:'] = function(key, id, queue)
  local c = D.audit_known(id)
  if not (c and c.st == 'waiting' and c.q == queue and c.ul) then
    return stray(key, id, {conversation = id}, 'unless.stray')
  end
end

members['cool:'] = function(key, id, name)
  local entry = 'c|' .. name .. '|' .. id
  if call('ZSCORE', P .. 'timers:bulk', entry) then return end
  D.audit_find('timer.cool', {agent = name, conversation = id}, 'a cool-down never ends', function()
    call('ZADD', P .. 'timers:bulk', call('ZSCORE', key, id), entry)
  end)
end

function members.holds(key, id, holder)
  local a, c = D.find_agent(holder), D.audit_known(id)
  if a and a.hold == id and c and c.st == 'waiting' then return end
  return D.audit_find('hold.stray', {agent = holder, conversation = id}, 'nobody is held for it', function()
    call('HDEL', key, id)
    if a and a.hold == id then D.release_hold(a) end
  end)
end

-- Whether the entries of this key are looked at one by one.
function D.audits_entries(name)
  return members[name:match('^%a+:?')] ~= nil
end

-- An entry of such a key; of a hash its value besides. True when it was taken out.
function D.audit_member(key, member, value)
  local name = key:sub(#P + 1)
  local kind, of = name:match('^(%a+:?)(.*)$')
  return members[kind](key, member, value or of)
end

-- Whether those whom a demand admits are the set of those. Returns how many were looked at.
function D.audit_demand(queue, text)
  local key, names, right = P .. 'elig:' .. queue .. ':' .. text, D.meeting(queue, text)
  local have, wrong = {}, {}
  local listed = call('SMEMBERS', key)
  for _, name in ipairs(listed) do
    have[name] = true
    if not right[name] then wrong[#wrong + 1] = name end
  end
  for _, name in ipairs(names) do
    if not have[name] then wrong[#wrong + 1] = name end
  end
  if #wrong > 0 then
    table.sort(wrong)
    D.audit_find('elig.wrong', {agent = wrong[1]}, format('%d agents are wrongly in or out of those whom %s %s admits',
      #wrong, queue, text), function()
      for _, name in ipairs(wrong) do
        call(right[name] and 'SADD' or 'SREM', key, name)
        D.look_again(name)
      end
      for _, kind in ipairs(D.kinds()) do call('SREM', P .. 'dry:' .. queue .. ':' .. kind, text) end
      D.roster_changed()
    end)
  end
  for _, ring in ipairs(D.parse_demand(text).rings) do
    if not (D.rings and D.borrows(ring, queue)) then
      D.audit_find('rings.lost', {}, queue .. ' borrows from ' .. ring .. ', who does not know it', function()
        D.borrow(ring, queue)
        for _, name in ipairs(names) do D.look_again(name) end
      end)
    end
  end
  local entry = 'd|' .. queue .. '|' .. text
  if not call('ZSCORE', P .. 'timers:bulk', entry) then
    D.audit_find('timer.demand', {}, 'the demand ' .. text .. ' of ' .. queue .. ' is never forgotten', function()
      call('ZADD', P .. 'timers:bulk', D.now, entry)
    end)
  end
  return #names + #listed
end
