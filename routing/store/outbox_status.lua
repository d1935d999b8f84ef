-- How much waits to leave, what is being sent included.
-- Keys: meta. Arguments: none. Reply: queued, retrying, oldest_at. Cost: 4 commands, 1 an entry up to 2000.
return function()
  local retrying, oldest, queued = 0, nil, 0
  for _, key in ipairs({P .. 'outbox', P .. 'sending'}) do
    queued = queued + call('ZCARD', key)
    for _, id in ipairs(call('ZRANGE', key, 0, 999)) do
      local e = call('HMGET', P .. 'ob:' .. id, 'try', 'at')
      if tonumber(e[1] or 0) > 1 then retrying = retrying + 1 end
      local at = tonumber(e[2])
      if at and (not oldest or at < oldest) then oldest = at end
    end
  end
  return {queued = queued, retrying = retrying, oldest_at = oldest}
end
