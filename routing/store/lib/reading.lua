-- Helpers of the scripts that only read.

function D.json_list(name, list)
  if #list == 0 then return '' end
  return '"' .. name .. '":[' .. concat(list, ',') .. ']'
end

-- `{…}` of the members that are not empty.
function D.json_object(...)
  local parts = {}
  for _, part in ipairs({...}) do
    if part ~= '' then parts[#parts + 1] = part end
  end
  return '{' .. concat(parts, ',') .. '}'
end

function D.json_member(name, json)
  return json and '"' .. name .. '":' .. json or ''
end
