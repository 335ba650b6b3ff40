# 1. Authenticate
TOKEN=$(curl -s -X POST http://localhost:8080/api/auth/login \
  -H "Content-Type: application/json" \
  -d '{"email":"user@example.com","password":"Password123!"}' \
  | jq -r '.access_token')

# 2. Create a project
PROJECT_ID=$(curl -s -X POST http://localhost:8080/api/projects \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"name":"Quarterly Reconciliation","description":"Q4 close"}' \
  | jq -r '.id')

# 3. Upload source data
FILE_ID=$(curl -s -X POST http://localhost:8080/api/files/upload?project_id=$PROJECT_ID \
  -H "Authorization: Bearer $TOKEN" \
  -F "file=@./data/source.csv" \
  | jq -r '.data.id')

# 4. Launch reconciliation
JOB_ID=$(curl -s -X POST http://localhost:8080/api/reconciliation/jobs \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d "{\"name\":\"Q4 vs ERP\",\"project_id\":\"$PROJECT_ID\",\"source_data_source_id\":\"$FILE_ID\",\"target_data_source_id\":\"$FILE_ID\"}" \
  | jq -r '.data.id')

# 5. Start job
curl -X POST http://localhost:8080/api/reconciliation/jobs/$JOB_ID/start \
  -H "Authorization: Bearer $TOKEN"

# 6. Monitor progress
curl -X GET http://localhost:8080/api/reconciliation/jobs/$JOB_ID \
  -H "Authorization: Bearer $TOKEN" \
  | jq '.data.status'

# 7. Get results
curl -X GET http://localhost:8080/api/reconciliation/jobs/$JOB_ID/results \
  -H "Authorization: Bearer $TOKEN" \
  | jq '.data.results'
