-- The sending of these goes on: their leases begin anew.
-- Keys: meta. Arguments: lease, entries [{id, attempt}]. Reply: lost (ids that another has claimed since, or that have
-- ended). Cost: 2 commands an entry.
return function(args)
  D.need(args, 'lease', 'entries')
  local lost = {}
  for _, entry in ipairs(args.entries) do
    local his = tonumber(call('HGET', P .. 'ob:' .. entry.id, 'try')) == entry.attempt
    if his and call('ZSCORE', P .. 'sending', entry.id) then
      call('ZADD', P .. 'sending', D.desk_now + args.lease, entry.id)
    else
      lost[#lost + 1] = entry.id
    end
  end
  return {lost = D.some(lost)}
end
