-- How much waits to leave, what is being sent included.
-- Keys: meta. Arguments: none. Reply: queued (not tried before), retrying, oldest_at.
-- Cost: 4 commands, 2 an entry up to 2000.
return function()
  local retrying, oldest, queued = 0, nil, 0
  for _, key in ipairs({P .. 'outbox', P .. 'sending'}) do
    queued = queued + call('ZCARD', key)
    for _, id in ipairs(call('ZRANGE', key, 0, 999)) do
      local e = call('HMGET', P .. 'ob:' .. id, 'try', 'at', 'to')
      -- Of a conversation only the first one is in line: the others wait behind it.
      local conversation = (e[3] or ''):match('^%S+')
      if conversation then queued = queued + max(0, call('LLEN', P .. 'obq:' .. conversation) - 1) end
      if tonumber(e[1] or 0) > 1 then retrying = retrying + 1 end
      local at = tonumber(e[2])
      if at and (not oldest or at < oldest) then oldest = at end
    end
  end
  return {queued = queued - retrying, retrying = retrying, oldest_at = oldest}
end
