-- What an agent sees of an offer: read when he asks, and given along with the reply of the call that made it.

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
  if c.n == 1 and c.newest then return D.message_json(c.newest) end
  local found
  local elements = call('LRANGE', P .. 'm:' .. c.id, max(1, c.n - 19), c.n)
  for i = #elements, 1, -1 do
    local head = cjson.decode((D.cut_message(elements[i])))
    if head.direction == 'in' then
      if found and not (c.us and head.at >= c.us) then break end
      found = elements[i]
    end
  end
  return found and D.message_json(found)
end

-- As JSON text: offer, conversation, contact, history, history_count, preview_message.
function D.offer_view(o)
  local c = D.conversation(o.c)
  local p = c.ct and D.find_contact(c.ct)
  local deadline = o.ends
  if not deadline then
    deadline = tonumber(call('ZSCORE', P .. 'timers:fast', 'o|' .. o.id))
    deadline = deadline and deadline + D.offset
  end
  local shown = cjson.encode({offer = o.id, agent = o.a, conversation = c.id, state = o.st, made_at = o.at,
    expires_at = deadline})
  if o.dec then shown = shown:sub(1, -2) .. ',"decision":' .. o.dec .. '}' end
  local count = max(0, (p and tonumber(p.n) or 1) - 1)
  return D.json_object(D.json_member('offer', shown), D.json_member('conversation', D.conversation_json(c)),
    D.json_member('contact', p and cjson.encode(D.contact_view(p))), D.json_list('history', history(p, c)),
    '"history_count":' .. count, D.json_member('preview_message', preview(c)))
end

-- The offers that this call made and that still stand.
function D.offers_shown()
  local list = {}
  for _, made in ipairs(D.made) do
    local o = D.find_offer(made.offer)
    if o.st == 'live' then list[#list + 1] = D.offer_view(o) end
  end
  return list
end
