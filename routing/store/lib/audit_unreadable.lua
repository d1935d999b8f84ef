-- Records that cannot be read: found by the audit, and made anew of what others know of the conversation.
local most = 20  -- conversations made anew in a call, or a few more: that costs hundreds of commands each
local told, made
local owners, offered  -- by conversation: who has it, and its live offers

D.on_start(function()
  told, made, owners, offered = D.emptied(told), 0, nil, nil
end)

-- Whether the rest is for another call.
function D.audit_tired()
  return made >= most
end

-- All that is read of it but its messages.
local function read_through(id)
  local c = D.find(id)
  if c and call('LLEN', D.conversation_key(id)) > 1 then
    D.participants(c)
    D.long(c)
  end
end

local function read_lists()
  owners, offered = {}, {}
  for _, name in ipairs(call('ZRANGE', P .. 'agents', 0, -1)) do
    for _, id in ipairs(call('ZRANGE', P .. 'work:' .. name, 0, -1)) do owners[id] = name end
    for _, offer in ipairs(call('ZRANGE', P .. 'offers:' .. name, 0, -1)) do
      local o = D.audit_offer_readable(offer, name) and D.find_offer(offer)
      if o and o.st == 'live' then
        local list = offered[o.c] or {}
        list[#list + 1], offered[o.c] = offer .. '=' .. name, list
      end
    end
  end
end

-- Who has it, or is offered it, by the agents' lists: read once a call, for those of whoever cannot be read change not.
local function holders(id)
  if not owners then read_lists() end
  return owners[id], offered[id] and concat(offered[id], ';')
end

-- Who takes part, by the identities that its contact has proven, or the only one that he has.
local function proven(c)
  local lines, all, p = {}, {}, c.ct and D.audit_contact_readable(c.ct) and D.find_contact(c.ct)
  for line in (p and p.ids or ''):gmatch('[^\n]+') do
    all[#all + 1] = line
    if line:sub(1, 1) == '+' then lines[#lines + 1] = line end
  end
  return concat(#all == 1 and all or lines, '\n')
end

-- A record of what the lists and indexes, the stream, its messages and who takes part in it tell.
local function remake(c)
  local owner, offers = holders(c.id)
  D.set(c, 'ow', owner)
  D.set(c, 'of', not owner and offers or nil)
  D.set(c, 'n', max(0, call('LLEN', D.conversation_key(c.id)) - 2))
  D.complete(c)
  local who = D.participants(c)
  for _, one in ipairs(who) do
    if not one.late and not one.answers then D.set(c, 'ct', c.ct or D.contact_of(one)) end
  end
  if #who == 0 then D.set_participants(c, proven(c)) end
  local newest = c.n > 0 and D.message(c, c.n)
  local read, _, direction = pcall(D.glance, newest)
  if read and direction == 'in' or c.n == 0 and (c.st == 'waiting' or c.st == 'offered') then D.set(c, 'us', c.ag) end
end

local function mend(id)
  made = made + 1
  local key = D.conversation_key(id)
  D.conversations[id] = nil
  local readable = pcall(D.find, id)
  if call('TYPE', key).ok ~= 'list' then D.clear_place('c:' .. id) end
  if call('EXISTS', key) == 0 then
    call('RPUSH', key, cmsgpack.pack({}))
  elseif not readable then
    call('LSET', key, 0, cmsgpack.pack({}))
  end
  local c = D.find(id)
  if call('LLEN', D.conversation_key(id)) < 2 then D.lose_messages(c) end
  if not pcall(read_through, id) then D.lose_fixed(c, proven(c)) end
  if not readable then remake(c) end
end

-- Whether it can be read, be it that it was mended; of what is no list nothing that was said is left.
function D.audit_readable(id)
  local ok, e = pcall(read_through, id)
  if ok then return true end
  if told[id] then return false end
  told[id] = true
  return D.audit_find('record.unreadable', {conversation = id}, 'cannot be read: ' .. D.error_text(e),
    function() mend(id) end)
end

-- The conversation that another record names; nil when there is none, or none that can be read.
function D.audit_known(id)
  local read, c = pcall(D.find, id)
  if read then return c end
  return D.audit_readable(id) and D.find(id) or nil
end

-- Runs a check of what else cannot be read, so that it breaks off nothing but itself.
function D.audit_safely(name, check, ...)
  local ok, result = pcall(check, ...)
  if ok then return result end
  D.distrust_kept()
  D.audit_find('record.unreadable', {}, name .. ' cannot be checked: ' .. D.error_text(result))
end
