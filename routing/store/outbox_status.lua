-- How much waits to leave.
-- Keys: meta. Arguments: none. Reply: queued, retrying, oldest_at. Cost: 2 commands, 1 an entry up to 1000.
return function()
  local ids, retrying, oldest = call('ZRANGE', P .. 'outbox', 0, 999), 0, nil
  for _, id in ipairs(ids) do
    local e = call('HMGET', P .. 'ob:' .. id, 'try', 'at')
    if tonumber(e[1] or 0) > 1 then retrying = retrying + 1 end
    local at = tonumber(e[2])
    if at and (not oldest or at < oldest) then oldest = at end
  end
  return {queued = call('ZCARD', P .. 'outbox'), retrying = retrying, oldest_at = oldest}
end
