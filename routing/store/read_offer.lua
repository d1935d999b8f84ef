-- An offer with what its agent sees of the conversation.
-- Keys: meta. Arguments: offer. Reply: offer, conversation, contact, history, history_count, preview_message.
-- Refused: not_found. Cost: about 12 commands.

local function history(p, c)
  local ids, list = D.split(p and p.cv), {}
  for i = #ids, 1, -1 do
    local old = ids[i] ~= c.id and #list < 3 and D.find(ids[i])
    if old then list[#list + 1] = D.conversation_json(old) end
  end
  return list
end

-- The oldest message of the customer without an answer, else his last.
local function preview(c)
  local found
  local elements = call('LRANGE', P .. 'm:' .. c.id, math.max(1, c.n - 19), c.n)
  for i = #elements, 1, -1 do
    local head = cjson.decode((D.cut_message(elements[i])))
    if head.direction == 'in' then
      if found and not (c.us and head.at >= c.us) then break end
      found = elements[i]
    end
  end
  return found and D.message_json(found)
end

return function(args)
  local o = args.offer and D.find_offer(args.offer)
  if not o then D.fail('not_found', 'no offer ' .. tostring(args.offer)) end
  local c = D.conversation(o.c)
  local p = c.ct and D.find_contact(c.ct)
  local deadline = tonumber(call('ZSCORE', P .. 'timers:fast', 'o|' .. o.id))
  local shown = cjson.encode({offer = o.id, agent = o.a, conversation = c.id, state = o.st, made_at = tonumber(o.at),
    expires_at = deadline and deadline + D.offset})
  if o.dec then shown = shown:sub(1, -2) .. ',"decision":' .. o.dec .. '}' end
  local count = math.max(0, (p and tonumber(p.n) or 1) - 1)
  return D.json_object(D.json_member('offer', shown), D.json_member('conversation', D.conversation_json(c)),
    D.json_member('contact', p and cjson.encode(D.contact_view(p))), D.json_list('history', history(p, c)),
    '"history_count":' .. count, D.json_member('preview_message', preview(c)))
end
