-- Texts that are owed and were not said in time; whoever is given one has 30 seconds to say it, or says that it is out
-- of place by now. Keys: meta. Arguments: limit (50), drop [{conversation, key}]. Reply: due [{key, conversation}].
-- Cost: 1 command, 3 a text.
local to_say = 30000

return function(args)
  for _, text in ipairs(args.drop or {}) do D.said(text.conversation, text.key) end
  local due = {}
  local owed = call('ZRANGE', P .. 'texts', '-inf', D.text(D.now), 'BYSCORE', 'LIMIT', '0', D.text(args.limit or 50))
  for _, text in ipairs(owed) do
    local id, key = text:match('^(%S+) (.*)$')
    local c = D.find(id)
    if c then
      call('ZADD', P .. 'texts', D.text(D.now + to_say), text)
      due[#due + 1] = '{"key":' .. cjson.encode(key) .. ',"conversation":' .. D.conversation_json(c) .. '}'
    else
      call('ZREM', P .. 'texts', text)
    end
  end
  return '{' .. D.json_list('due', due) .. '}'
end
