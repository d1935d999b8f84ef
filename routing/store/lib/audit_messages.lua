-- Audit of messages: that they are there and can be read, and that those to be sent will be.

function D.audit_messages(c, of)
  local length = call('LLEN', D.conversation_key(c.id)) - 2
  if length < 0 then
    D.audit_find('messages.lost', of, 'its messages are not there', function()
      D.lose_messages(c)
    end)
  elseif length ~= (c.n or 0) then
    D.audit_find('messages.count', of, format('counts %d messages, has %d', c.n or 0, length), function()
      D.set(c, 'n', length)
    end)
  end
end

-- Where it stands in its conversation's line, else at the end of it.
local function put_back(c, message, to)
  local entry, line = P .. 'ob:' .. message, P .. 'obq:' .. c.id
  call('HSET', entry, 'to', to)
  call('HSETNX', entry, 'at', D.now)
  call('HSETNX', entry, 'try', 0)
  if not call('LPOS', line, message) then call('RPUSH', line, message) end
  if call('LINDEX', line, 0) == message and not call('ZSCORE', P .. 'sending', message) then
    call('ZADD', P .. 'outbox', 'NX', D.now, message)
  end
end

-- Those of its last messages that wait to be sent have an entry in the outbox, and its first one is in line.
function D.audit_outbox(c, of)
  local first = max(1, (c.n or 0) - 49)
  for i, element in ipairs(D.messages(c, first, c.n or 0)) do
    local to = c.id .. ' ' .. first + i - 1
    local read, id, _, state = pcall(D.glance, element)
    if not read then
      D.audit_find('record.unreadable', of, format('message %d cannot be read', first + i - 1), function()
        D.lose_message(c, first + i - 1)
      end)
    elseif state == 'queued' and call('HGET', P .. 'ob:' .. id, 'to') ~= to then
      D.audit_find('outbox.lost', of, 'message ' .. id .. ' waits to be sent, and is not in the outbox', function()
        put_back(c, id, to)
      end)
    end
  end
  local head = call('LINDEX', P .. 'obq:' .. c.id, 0)
  if head and not call('ZSCORE', P .. 'outbox', head) and not call('ZSCORE', P .. 'sending', head) then
    D.audit_find('outbox.stuck', of, 'message ' .. head .. ' is never sent', function()
      if call('EXISTS', P .. 'ob:' .. head) == 1 then
        call('ZADD', P .. 'outbox', D.now, head)
      else
        call('LREM', P .. 'obq:' .. c.id, 0, head)
        local following = call('LINDEX', P .. 'obq:' .. c.id, 0)
        if following then call('ZADD', P .. 'outbox', 'NX', D.now, following) end
      end
    end)
  end
end

-- An entry of the outbox that stands in no line.
function D.audit_entry_out(message)
  local id = (call('HGET', P .. 'ob:' .. message, 'to') or ''):match('^(%S+)')
  if id and call('LPOS', P .. 'obq:' .. id, message) then return end
  local detail = 'message ' .. message .. ' is in the outbox, in no line'
  D.audit_find('outbox.stray', {conversation = id}, detail, function()
    if id and D.audit_known(id) then
      if call('RPUSH', P .. 'obq:' .. id, message) == 1 then call('ZADD', P .. 'outbox', D.now, message) end
    else
      call('DEL', P .. 'ob:' .. message)
      call('ZREM', P .. 'outbox', message)
      call('ZREM', P .. 'sending', message)
    end
  end)
end
